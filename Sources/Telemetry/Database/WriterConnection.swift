internal import GRDB
internal import Observers
internal import Synchronization
internal import Syscalls

/// The one connection that writes to a database, for all threads of the daemon that do: the loop
/// records with it, and sinks move their positions.
final class WriterConnection: Sendable {
    /// The database file, without symlinks.
    let path: String
    // The connection is closed before the lock is let go: they go away in this order.
    let database: DatabaseQueue
    private let opened: FileStatus?
    private let lock: Mutex<DatabaseLock?>
    private let durability = Mutex(Durability.unset)
    private let writeAheadLog = WriteAheadLog()

    /// Bytes of a database that is looked through at every start: about 0.1 s.
    private static let checkedBytes: Int64 = 64 << 20

    /// Bytes that the write-ahead log may keep once it has been folded back, as many as SQLite
    /// lets it grow to before it does that.
    private static let writeAheadBytes = 4 << 20

    /// What SQLite waits for at a commit, by the name of its `synchronous` setting.
    enum Durability: String {
        case unset
        /// The bytes are on the disk.
        case full = "FULL"
        /// The bytes are with the kernel; the power may take the last commits back.
        case normal = "NORMAL"
    }

    /// Opens the database at `path`, or makes it with the folders it needs, and brings it to this
    /// build's version; follows symlinks.
    init(_ path: String) throws(TelemetryError) {
        let file = try DatabaseFile.create(path)
        self.path = file
        lock = Mutex(try DatabaseLock(file))
        let isSuspect = DatabaseFile.hasWriteAheadLog(file)
        let writeAheadLog = writeAheadLog
        database = try Connection.reporting(file) {
            let database = try Connection.writer(file)
            try database.writeWithoutTransaction { db in
                Connection.setWait(Connection.busySecondsAtStart, db)
                try Self.prepare(db, file, isSuspect: isSuspect)
                Connection.setWait(Connection.busySeconds, db)
                writeAheadLog.attach(to: db)
            }
            return database
        }
        opened = (try? FileStatus(path: file)) ?? nil
    }

    /// False where the path leads to another file by now, or to none.
    var isInPlace: Bool { opened.map { DatabaseFile.isInPlace(path, $0) } ?? false }

    /// Closes the database and lets others have it.
    func close() throws(TelemetryError) {
        try Connection.reporting(path) { try database.close() }
        lock.withLock { $0 = nil }
    }

    /// Tells readers that there are new events, once they can be read.
    func signal() {
        lock.withLock { $0?.signal() }
    }

    private static func prepare(_ db: Database, _ file: String, isSuspect: Bool) throws {
        var version = 0
        switch try Schema.kind(of: db) {
        case .foreign: throw TelemetryError.foreign(path: file)
        case .empty:
            try begin(db)
        case .version(let found):
            guard found <= Schema.version else {
                throw TelemetryError.newer(path: file, version: found, known: Schema.version)
            }
            version = found
            if isSuspect || DatabaseFile.size(file) <= checkedBytes { try check(db, file) }
        }
        let mode = try String.fetchOne(db, sql: "PRAGMA journal_mode = WAL")
        guard mode == "wal" else {
            throw TelemetryError.unusable(
                path: file, reason: "its file system has no room for a write-ahead log")
        }
        try db.execute(sql: "PRAGMA journal_size_limit = \(writeAheadBytes)")
        // Tables that the power takes back are made again; the first event waits for its own. A
        // log that was just made has no older commit that its unsynced header could bring back.
        try db.execute(sql: "PRAGMA synchronous = \(version == 0 ? "OFF" : "NORMAL")")
        try Schema.migrate(db, from: version)
        try db.execute(sql: "PRAGMA synchronous = NORMAL")
    }

    /// Writes the first page of an empty database. It is on the disk once the journal is switched
    /// to a write-ahead log, which writes it again.
    private static func begin(_ db: Database) throws {
        // An empty database has nothing that a journal on the disk could bring back, and one page
        // is written as a whole. The disk took a third of the time to the first row.
        try db.execute(sql: "PRAGMA journal_mode = MEMORY")
        try db.execute(sql: "PRAGMA synchronous = OFF")
        // Has to come before the first table; retention gives pages back with it.
        try db.execute(sql: "PRAGMA auto_vacuum = INCREMENTAL")
        // The database stays empty for whoever looks at it now.
        try db.execute(sql: "PRAGMA user_version = 0")
        try db.execute(sql: "PRAGMA synchronous = FULL")
    }

    private static func check(_ db: Database, _ file: String) throws {
        let verdict = try String.fetchOne(db, sql: "PRAGMA quick_check(1)") ?? "no answer"
        guard verdict != "ok" else { return }
        // One finding can take several lines, of which the last says what is wrong.
        let lines = verdict.split(separator: "\n")
        throw TelemetryError.corrupt(path: file, reason: String(lines.last ?? "no reason given"))
    }

    /// Runs `body` on the connection, and folds the write-ahead log back where it is due.
    func writing<Value>(
        _ body: (Database) throws -> Value
    ) throws(TelemetryError) -> Value {
        try Connection.reporting(path) {
            try database.writeWithoutTransaction { db in
                let value = try body(db)
                writeAheadLog.foldIfDue(db)
                return value
            }
        }
    }

    /// Sets what the next commits wait for. SQLite takes the setting while it compiles the
    /// statement, so it has to be compiled each time, outside of a transaction.
    func require(_ wanted: Durability, _ db: Database) throws {
        try durability.withLock { durability in
            guard durability != wanted else { return }
            durability = .unset
            try db.execute(sql: "PRAGMA synchronous = \(wanted.rawValue)")
            durability = wanted
        }
    }

    /// Sets after how many pages the write-ahead log is folded back.
    func setWriteAheadLimit(_ pages: Int) {
        writeAheadLog.setLimit(pages)
    }
}

extension WriterConnection: SinkPositions {
    /// The `seq` of the last row that `sink` has delivered; nil where it is new.
    func position(of sink: String) throws(TelemetryError) -> Int64? {
        try writing { db in
            let sql = "SELECT seq FROM bus_positions WHERE sink = ?"
            return try Int64.fetchOne(db.cachedStatement(sql: sql), arguments: [sink])
        }
    }

    /// The same without waiting for another program that writes to the database; false where one
    /// does.
    func tryMove(_ sink: String, to seq: Int64) throws(TelemetryError) -> Bool {
        try writing { db in
            Connection.setWait(0, db)
            defer { Connection.setWait(Connection.busySeconds, db) }
            do {
                try write(sink, seq, db)
                return true
            } catch let error as DatabaseError where error.resultCode == .SQLITE_BUSY {
                return false
            }
        }
    }

    /// Records that `sink` has delivered everything up to `seq`.
    func move(_ sink: String, to seq: Int64) throws(TelemetryError) {
        try writing { db in try write(sink, seq, db) }
    }

    private func write(_ sink: String, _ seq: Int64, _ db: Database) throws {
        // What the power takes back is delivered again: at least once.
        try require(.normal, db)
        let sql = """
            INSERT INTO bus_positions (sink, seq, updated_at) VALUES (?, ?, ?)
            ON CONFLICT (sink) DO UPDATE
              SET seq = excluded.seq, updated_at = excluded.updated_at
            """
        let now = Timestamp(nanoseconds: Clock.wall).text
        try db.cachedStatement(sql: sql).execute(arguments: [sink, seq, now])
    }
}
