/// What reading has brought in since the last commit.
final class Harvest {
    /// Rows between two commits at the most, give or take what one block of bytes brings.
    private let limit: Int

    /// New rows, in the order they happened.
    var events: [Event] = []
    let ledger: LatencyLedger

    init(recorder: any Recorder, limit: Int) {
        self.limit = limit
        ledger = LatencyLedger(recorder: recorder, limit: max(limit / 8, LatencyLedger.least))
    }

    /// True when it is time to commit, whatever else there is to read.
    var isFull: Bool { events.count >= limit || ledger.isFull }
}
