/// What reading has brought in since the last commit.
final class Harvest {
    /// Rows between two commits at the most; a few megabytes.
    static let limit = 4_096

    /// New rows, in the order they happened.
    var events: [Event] = []
    let ledger: LatencyLedger

    init(recorder: any Recorder) {
        ledger = LatencyLedger(recorder: recorder)
    }

    /// True when it is time to commit, whatever else there is to read.
    var isFull: Bool { events.count >= Self.limit || ledger.isFull }
}
