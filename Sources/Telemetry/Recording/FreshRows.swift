internal import Synchronization

/// The rows that were committed last, kept in memory for the sinks of the same process: a live one
/// wants them at once, and asking the database takes longer than all else it does with them.
///
/// The database stays the queue. Here are never rows that are not durable, and who does not find
/// the row that comes next for it asks the database.
public final class FreshRows: Sendable {
    /// Rows kept at the most, as many as sinks take at a time; more are a backlog.
    static let limit = 128
    /// Bytes of their details at the most: rows of half a kilobyte, and most have a third of it,
    /// are held by ``limit``.
    static let byteLimit = 64 * 1_024

    private struct State {
        /// The rows, their numbers without a gap.
        var rows: [RecordedEvent] = []
        var bytes = 0
        var wake: @Sendable () -> Void = {}

        /// Lets go of the oldest rows until the others, or the last one, are few enough bytes.
        mutating func cut() {
            guard bytes > FreshRows.byteLimit else { return }
            var dropped = 0
            while bytes > FreshRows.byteLimit, dropped < rows.count - 1 {
                bytes -= rows[dropped].detail.utf8.count
                dropped += 1
            }
            rows.removeFirst(dropped)
        }
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
        let bytes = rows.reduce(0) { $0 + $1.detail.utf8.count }
        let wake = state.withLock { state in
            let isNext = state.rows.last?.seq == first - 1
            if isNext, state.rows.count + rows.count <= Self.limit,
                state.bytes + bytes <= Self.byteLimit
            {
                state.rows += rows
                state.bytes += bytes
            } else {
                state.rows = rows
                state.bytes = bytes
                state.cut()
            }
            return state.wake
        }
        wake()
    }
}
