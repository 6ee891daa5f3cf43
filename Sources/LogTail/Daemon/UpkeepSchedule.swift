internal import Syscalls

/// Decides when upkeep is done: after commits and at the start, never by a timer of its own, and
/// a few milliseconds at a time.
final class UpkeepSchedule {
    /// Limits of age and count are looked at this often while something is recorded, nanoseconds.
    private static let interval: Int64 = 60_000_000_000
    /// Rows after which the limit of size is looked at: a few hundred kilobytes at the most.
    private static let rows = 256
    /// How long upkeep goes on before the loop looks at everything else again, nanoseconds.
    private static let turn: Int64 = 2_000_000
    /// Where it is urgent, so many rows are removed for each that comes in: enough for the
    /// database to shrink even so.
    private static let pace = 2

    private let upkeep: (any Upkeep)?
    private let journal: Journal
    private let clock: () -> Int64
    private var rowsSince = 0
    private var nextTime: Int64 = .min
    private var hasFailed = false
    /// Rows to remove before more are read, where it is urgent.
    private var rowsOwed = 0
    private var isUrgent = false

    /// True where there is more to do.
    private(set) var isPending: Bool

    init(
        _ upkeep: (any Upkeep)?, _ journal: Journal,
        clock: @escaping () -> Int64 = { Clock.monotonic }
    ) {
        self.upkeep = upkeep
        self.journal = journal
        self.clock = clock
        isPending = upkeep != nil
    }

    /// True where rows would come in faster than they are removed if more was read now.
    var isReadingHeld: Bool { isPending && isUrgent && rowsOwed > 0 }

    /// Takes note of a commit of that many rows.
    func noteCommit(rows: Int) {
        rowsSince += rows
        rowsOwed += Self.pace * rows
        guard upkeep != nil, rowsSince >= Self.rows || clock() >= nextTime else { return }
        isPending = true
    }

    /// Does what is due, for one turn of the loop.
    func run() {
        guard isPending, let upkeep else { return }
        rowsSince = 0
        let end = clock() + Self.turn
        do throws(RecorderError) {
            repeat {
                switch try upkeep.step() {
                case .done: return settle(hasFailed: false)
                case .more(let rows, let isUrgent):
                    rowsOwed = max(0, rowsOwed - rows)
                    self.isUrgent = isUrgent
                }
            } while clock() < end
        } catch {
            if !hasFailed {
                journal.write(.warning, "\(error); old rows are pruned when that is possible")
            }
            settle(hasFailed: true)
        }
    }

    private func settle(hasFailed: Bool) {
        self.hasFailed = hasFailed
        isPending = false
        isUrgent = false
        rowsOwed = 0
        nextTime = clock() + Self.interval
    }
}
