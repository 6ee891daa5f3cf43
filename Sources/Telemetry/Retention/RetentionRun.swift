internal import GRDB
internal import LogTail
internal import Observers
internal import Syscalls

/// Applies retention to a database from outside of the daemon, which may go on meanwhile.
///
/// It needs no lock but SQLite's own, which each step holds for a few milliseconds; between two
/// steps it lets a daemon have its turn. Both prune by the same rules and count in the same row,
/// so that it does not matter which of them does. Only which sinks a daemon was started with is
/// not told from outside: while one runs, rows are held for all there are.
public final class RetentionRun {
    /// The database file, without symlinks.
    public let path: String
    /// What retention was asked for and has done before.
    public let state: RetentionState
    private let sinks: [String]
    private let isOlder: Bool
    private let database: DatabaseQueue

    /// Opens the database at `path`.
    public init(path: String) throws(TelemetryError) {
        guard let file = try DatabaseFile.find(path) else { throw .missing(path: path) }
        self.path = file
        // Refuses what is no database of logtail's, as every command does.
        let reader = try TelemetryReader(path: file)
        isOlder = try reader.schemaVersion() < Schema.version
        state = try reader.retention()
        sinks = try reader.runningDaemon() == nil ? [] : reader.busPositions().map(\.sink)
        database = try Connection.reporting(file) {
            try Connection.secondWriter(file)
        }
    }

    /// What ``prune(_:)`` would do by age and count; nothing is changed.
    public func preview(_ limits: RetentionLimits) throws(TelemetryError) -> RetentionOutcome {
        let steps = RetentionSteps(limits, sinks: sinks, spare: 0)
        var outcome = RetentionOutcome()
        try Connection.reporting(path) {
            func look(_ db: Database) throws {
                outcome = try steps.preview(db, Timestamp(nanoseconds: Clock.wall))
            }
            if isOlder {
                try database.writeWithoutTransaction { db in
                    // As it would be at this version, which is taken back.
                    try db.inTransaction(.immediate) {
                        try Schema.bring(db, from: Schema.version(of: db))
                        try look(db)
                        return .rollback
                    }
                }
            } else {
                try database.read(look)
            }
        }
        return outcome
    }

    /// Prunes until the limits hold, gives all free pages back, and closes the database. One of an
    /// older version is brought to this one before, unless a daemon records into it.
    public func prune(_ limits: RetentionLimits) throws(TelemetryError) -> RetentionOutcome {
        if isOlder { try TelemetryStore(path: path).close() }
        let steps = RetentionSteps(limits, sinks: sinks, spare: 0)
        var outcome = RetentionOutcome()
        try Connection.reporting(path) {
            try database.writeWithoutTransaction { db in
                try db.execute(sql: "PRAGMA synchronous = NORMAL")
                let pages = try steps.prepare(db)
                try db.execute(sql: "PRAGMA wal_autocheckpoint = \(pages)")
                try db.inImmediateTransaction {
                    try steps.forgetVanished(db, Timestamp(nanoseconds: Clock.wall))
                }
                while true {
                    let start = Clock.monotonic
                    let choice = try db.inImmediateTransaction {
                        try steps.step(db, Timestamp(nanoseconds: Clock.wall))
                    }
                    if choice.isEmpty { break }
                    outcome.add(choice)
                    // As long as the step took, so that a daemon finds the lock free.
                    Clock.rest(nanoseconds: Clock.monotonic - start)
                }
                // Only a log that was folded back makes the file shorter.
                try db.execute(sql: "PRAGMA wal_checkpoint(PASSIVE)")
            }
            try database.close()
        }
        return outcome
    }
}
