internal import Synchronization

/// The rows that were committed last, kept in memory for the sinks of the same process: a live one
/// wants them at once, and asking the database takes longer than all else it does with them.
///
/// The database stays the queue. Here are never rows that are not durable, and who does not find
/// the row that comes next for it asks the database.
public final class FreshRows: Sendable {
    /// Rows kept at the most, as many as sinks take at a time; more are a backlog.
    static let limit = 128

    private struct State {
        /// The rows, their numbers without a gap.
        var rows: [RecordedEvent] = []
        var wake: @Sendable () -> Void = {}
    }

    private let state = Mutex(State())

    init() {}

    /// Sets what is called as soon as rows are durable, on the thread that committed them.
    public func onCommit(_ wake: @escaping @Sendable () -> Void) {
        state.withLock { $0.wake = wake }
    }

    /// The newest `seq`; nil while no row was committed here.
    var latest: Int64? { state.withLock { $0.rows.last?.seq } }

    /// At most `limit` rows with `seq` strictly greater than `seq`, in order; nil where the first
    /// of them is not here.
    func events(after seq: Int64, limit: Int) -> [RecordedEvent]? {
        state.withLock { state in
            guard let first = state.rows.first?.seq, let last = state.rows.last?.seq,
                first - 1 <= seq
            else { return nil }
            return Array(state.rows.dropFirst(Int(min(seq, last) + 1 - first)).prefix(limit))
        }
    }

    /// Takes the last rows of a commit that is durable, and wakes who wants them.
    func add(_ rows: [RecordedEvent]) {
        guard let first = rows.first?.seq else { return }
        let wake = state.withLock { state in
            let isNext = state.rows.last?.seq == first - 1
            if isNext, state.rows.count + rows.count <= Self.limit {
                state.rows += rows
            } else {
                state.rows = rows
            }
            return state.wake
        }
        wake()
    }
}
