import Synchronization

@testable import Telemetry

/// An event log and sink positions in memory, for any number of threads.
final class MemoryLog: EventLog, SinkPositions, Sendable {
    private struct State {
        var events: [RecordedEvent] = []
        var latest: Int64 = 0
        var positions: [String: Int64] = [:]
        var moves = 0
        var questions = 0
        var failure: TelemetryError?
        var pageRows = Int.max
        var isBusy = false
    }

    private let state = Mutex(State())

    /// Commits rows and returns them: `edit` changes each one before it is there.
    @discardableResult
    func append(
        _ count: Int, edit: (inout RecordedEvent) -> Void = { _ in }
    ) -> [RecordedEvent] {
        state.withLock { state in
            let rows = (0..<count).map { _ in
                state.latest += 1
                var event = Self.event(seq: state.latest)
                edit(&event)
                return event
            }
            state.events += rows
            return rows
        }
    }

    /// Removes the rows up to `seq`.
    func prune(through seq: Int64) {
        delete(0...seq)
    }

    /// Removes some of the rows.
    func delete(_ seqs: ClosedRange<Int64>) {
        state.withLock { $0.events.removeAll { seqs.contains($0.seq) } }
    }

    /// Gives at most so many rows at once, as a log does whose rows are long.
    func limitPages(to rows: Int) {
        state.withLock { $0.pageRows = rows }
    }

    /// Keeps positions from being written without waiting, as another program does, or lets them.
    func hold(_ isBusy: Bool) {
        state.withLock { $0.isBusy = isBusy }
    }

    /// Makes every call fail, or work again.
    func fail(_ failure: TelemetryError?) {
        state.withLock { $0.failure = failure }
    }

    /// Puts the positions back to those of another time.
    func restore(_ positions: [String: Int64]) {
        state.withLock { $0.positions = positions }
    }

    /// The positions, without a failure.
    var positions: [String: Int64] { state.withLock { $0.positions } }

    /// How often a position was moved.
    var moves: Int { state.withLock { $0.moves } }

    /// How often rows or bounds were asked for.
    var questions: Int { state.withLock { $0.questions } }

    func events(after seq: Int64, limit: Int) throws(TelemetryError) -> [RecordedEvent] {
        try read { state in
            state.questions += 1
            var low = 0
            var high = state.events.count
            while low < high {
                let middle = (low + high) / 2
                if state.events[middle].seq <= seq { low = middle + 1 } else { high = middle }
            }
            return Array(state.events[low...].prefix(min(limit, state.pageRows)))
        }
    }

    func bounds() throws(TelemetryError) -> EventBounds {
        try read { state in
            state.questions += 1
            return EventBounds(oldest: state.events.first?.seq, latest: state.latest)
        }
    }

    func position(of sink: String) throws(TelemetryError) -> Int64? {
        try read { $0.positions[sink] }
    }

    func move(_ sink: String, to seq: Int64) throws(TelemetryError) {
        try read { state in
            state.positions[sink] = seq
            state.moves += 1
        }
    }

    func tryMove(_ sink: String, to seq: Int64) throws(TelemetryError) -> Bool {
        guard try !read({ $0.isBusy }) else { return false }
        try move(sink, to: seq)
        return true
    }

    private func read<Result: Sendable>(
        _ body: (inout State) -> Result
    ) throws(TelemetryError) -> Result {
        try state.withLock { state throws(TelemetryError) in
            if let failure = state.failure { throw failure }
            return body(&state)
        }
    }

    static func event(seq: Int64) -> RecordedEvent {
        RecordedEvent(
            seq: seq, key: "0123456789abcdef0123456789abcdef",
            timestamp: "2026-06-13T08:55:01.123Z", source: "headroom-proxy",
            event: "log.overhead", kind: "stall_episode", status: "stall",
            durationMilliseconds: 2_400.5, stage: "pre_upstream_wait",
            detail: #"{"count":3,"peak_ms":2400.5}"#, recordedAt: "2026-06-13T08:55:20.000Z")
    }
}
