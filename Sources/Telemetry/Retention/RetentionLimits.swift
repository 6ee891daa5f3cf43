/// How much is kept, by the time rows were recorded; 0 switches a limit off.
public struct RetentionLimits: Equatable, Sendable {
    /// Days that a row is kept.
    public var days: Double
    /// Events that are kept, the latest ones.
    public var events: Int64
    /// MiB that the database and its write-ahead log may take on the disk.
    public var mebibytes: Double

    /// What is kept where nobody says otherwise.
    public static let standard = RetentionLimits(days: 90, events: 1_000_000, mebibytes: 512)

    /// Limits; each of them at least 0.
    public init(days: Double, events: Int64, mebibytes: Double) {
        self.days = days
        self.events = events
        self.mebibytes = mebibytes
    }

    /// Rows of events that one batch may hold so that the transaction, which passes through the
    /// write-ahead log as a whole, stays small beside the limit: at a few kilobytes of log a row,
    /// about an eighth of it.
    public var batchRows: Int {
        mebibytes > 0 ? Int(min(max(mebibytes * 32, 64), 4_096)) : 4_096
    }

    /// The parts of the room on the disk; nil where it is not limited.
    var room: Room? { mebibytes > 0 ? Room(bytes: mebibytes * 1_048_576) : nil }

    /// How the room on the disk is divided, in bytes.
    ///
    /// The limit is compared with the pages in use and never with the length of the write-ahead
    /// log: a reader that sits on an old view of the database makes the log grow, and pruning
    /// would make it grow faster until no row was left.
    struct Room: Equatable {
        /// The write-ahead log is folded back at this length.
        let writeAhead: Int64
        /// Rows are pruned while more than this is in use.
        let soft: Int64
        /// Reading waits for pruning while more than this is in use.
        let hard: Int64

        init(bytes: Double) {
            let bytes = Int64(min(bytes, 1e18))
            // SQLite's own default is a thousand pages.
            writeAhead = min(max(bytes / 8, 64 << 10), Self.largestWriteAhead)
            // Room for the log, for pages that are free, and for what comes in before pruning
            // has caught up.
            soft = max(bytes - 2 * writeAhead, 0)
            hard = max(bytes - 3 * writeAhead / 2, 0)
        }

        static let largestWriteAhead: Int64 = 4 << 20
    }
}
