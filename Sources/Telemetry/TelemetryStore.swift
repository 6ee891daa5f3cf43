internal import GRDB
public import LogTail
internal import Observers
internal import Synchronization
internal import Syscalls

/// The daemon's hold on the telemetry database: the one writer, which makes each batch durable
/// as a whole or not at all.
///
/// One process at a time can have a store on a database. Any number of programs may read it
/// meanwhile; one that writes to it for more than a second makes calls fail, which leaves nothing
/// behind and may be tried again.
public final class TelemetryStore: Sendable {
    /// The database file, without symlinks.
    public let path: String
    /// What was committed last, for the sinks.
    public let fresh = FreshRows()

    // The statements go before the connection, and that is closed before the lock is let go: they
    // go away in this order.
    private let writer = Mutex<BatchWriter?>(nil)
    let database: DatabaseQueue
    private let lock: Mutex<FileLock?>
    private let durability = Mutex(Durability.unset)
    private let writeAheadLog = WriteAheadLog()

    /// Bytes of a database that is looked through at every start: about 0.1 s.
    private static let checkedBytes: Int64 = 64 << 20

    /// Bytes that the write-ahead log may keep once it has been folded back, as many as SQLite
    /// lets it grow to before it does that.
    private static let writeAheadBytes = 4 << 20

    /// What SQLite waits for at a commit, by the name of its `synchronous` setting.
    private enum Durability: String {
        case unset
        /// The bytes are on the disk.
        case full = "FULL"
        /// The bytes are with the kernel; the power may take the last commits back.
        case normal = "NORMAL"
    }

    /// Opens the database at `path`, or makes it with the folders it needs; follows symlinks.
    ///
    /// The file is looked through for damage where it was not closed properly, and always while
    /// it is small enough for that to take no time worth mentioning.
    public init(path: String) throws(TelemetryError) {
        let file = try DatabaseFile.create(path)
        self.path = file
        lock = Mutex(try Self.takeLock(file))
        let isSuspect = DatabaseFile.hasWriteAheadLog(file)
        let writeAheadLog = writeAheadLog
        database = try Connection.reporting(file) {
            let database = try Connection.writer(file)
            try database.writeWithoutTransaction { db in
                try Self.prepare(db, file, isSuspect: isSuspect)
                writeAheadLog.attach(to: db)
            }
            return database
        }
    }

    /// Folds the write-ahead log back, closes the database and lets others have it; calls after
    /// this fail.
    public func close() throws(TelemetryError) {
        try Connection.reporting(path) {
            // A connection whose statements somebody holds cannot be closed.
            database.inDatabase { _ in writer.withLock { $0 = nil } }
            try database.close()
        }
        lock.withLock { $0 = nil }
    }

    private static func takeLock(_ file: String) throws(TelemetryError) -> FileLock {
        let attempt: FileLock.Attempt
        do {
            attempt = try FileLock.acquire(DatabaseFile.lock(of: file))
        } catch {
            throw .unusable(path: file, reason: error.description)
        }
        switch attempt {
        case .acquired(let lock): return lock
        case .held(let pid): throw .inUse(path: file, pid: pid)
        }
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

    private func recording<Value>(
        _ body: (Database) throws -> Value
    ) throws(RecorderError) -> Value {
        do {
            return try writing(body)
        } catch {
            throw RecorderError(error.description)
        }
    }

    private func writing<Value>(
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
    private func require(_ wanted: Durability, _ db: Database) throws {
        try durability.withLock { durability in
            guard durability != wanted else { return }
            durability = .unset
            try db.execute(sql: "PRAGMA synchronous = \(wanted.rawValue)")
            durability = wanted
        }
    }
}

extension TelemetryStore: Recorder {
    /// Makes a batch durable as a whole or not at all; with events in it, on the disk.
    public func commit(_ batch: Batch) throws(RecorderError) {
        guard !batch.isEmpty else { return }
        try recording { db in
            try require(batch.events.isEmpty ? .normal : .full, db)
            // Nothing comes between the commit and those who wait for it.
            fresh.add(try write(batch, db))
            // A change of the write-ahead log is seen before the rows in it are; this comes after.
            if !batch.events.isEmpty { lock.withLock { $0?.signal() } }
        }
    }

    /// Commits the rows of a batch, and returns the last ones of the events table.
    private func write(_ batch: Batch, _ db: Database) throws -> [RecordedEvent] {
        try writer.withLock { writer in
            let present = try writer ?? BatchWriter(db)
            // What it knows of the database does not hold where it fails.
            writer = nil
            let rows = try db.inImmediateTransaction { try present.write(batch) }
            writer = present
            return rows
        }
    }

    /// The checkpoint of a path, if there is one.
    public func checkpoint(
        source: String, path: String
    ) throws(RecorderError) -> CheckpointRecord? {
        try recording { db in
            let sql = """
                SELECT \(CheckpointRow.columns) FROM checkpoints WHERE source = ? AND path = ?
                """
            let row = try Row.fetchOne(
                db.cachedStatement(sql: sql), arguments: [source, path])
            guard let row else { return nil }
            guard let record = CheckpointRow(row).record else {
                throw TelemetryError.failed(
                    path: self.path,
                    reason: "the position of \(path) was written by a newer logtail")
            }
            return record
        }
    }

    /// A cell of the latency table, if there is one.
    public func latencyCell(
        source: String, stage: String, minute: Int64
    ) throws(RecorderError) -> LatencyCell? {
        try recording { db in
            let sql = """
                SELECT \(LatencyCell.columns) FROM latency
                 WHERE source = ? AND stage = ? AND minute = ?
                """
            let row = try Row.fetchOne(
                db.cachedStatement(sql: sql),
                arguments: [source, stage, LatencyCell.text(ofMinute: minute)])
            guard let row else { return nil }
            guard let cell = LatencyCell(row) else {
                throw TelemetryError.corrupt(
                    path: path, reason: "a row of latency does not read back")
            }
            return cell
        }
    }

    /// The latest minute of which a stage has a cell, if there is one.
    public func latestMinute(
        source: String, stage: String
    ) throws(RecorderError) -> Int64? {
        try recording { db in
            let sql = "SELECT max(minute) FROM latency WHERE source = ? AND stage = ?"
            let text = try String.fetchOne(
                db.cachedStatement(sql: sql), arguments: [source, stage])
            guard let text else { return nil }
            guard let minute = LatencyCell.minute(fromText: text) else {
                throw TelemetryError.corrupt(
                    path: path, reason: "a minute of latency does not read back")
            }
            return minute
        }
    }

    /// The stages that a source has, in order of name.
    public func stageNames(source: String) throws(RecorderError) -> [String] {
        try recording { db in
            // Steps from name to name along the primary key instead of reading every minute.
            let sql = """
                WITH RECURSIVE name(stage) AS (
                  SELECT (SELECT min(stage) FROM latency WHERE source = :source)
                  UNION ALL
                  SELECT (SELECT min(stage) FROM latency
                           WHERE source = :source AND stage > name.stage)
                    FROM name WHERE name.stage IS NOT NULL
                )
                SELECT stage FROM name WHERE stage IS NOT NULL
                """
            return try String.fetchAll(
                db.cachedStatement(sql: sql), arguments: ["source": source])
        }
    }
}

extension TelemetryStore {
    /// Notes the limits that `steps` go by, for other programs, and sets the connection up.
    func note(_ limits: RetentionLimits, _ steps: RetentionSteps) throws(TelemetryError) {
        try writing { db in
            writeAheadLog.setLimit(try steps.prepare(db))
            try db.inImmediateTransaction {
                try steps.forgetVanished(db, Timestamp(nanoseconds: Clock.wall))
            }
            try db.execute(
                sql: "UPDATE retention SET keep_days = ?, keep_events = ?, keep_mib = ?",
                arguments: [limits.days, limits.events, limits.mebibytes])
        }
    }

    /// Does the next of `steps`.
    func prune(
        _ steps: RetentionSteps, _ now: Timestamp
    ) throws(RecorderError) -> RetentionChoice {
        try recording { db in
            // What the power takes back is pruned again.
            try require(.normal, db)
            return try db.inImmediateTransaction { try steps.step(db, now) }
        }
    }
}

extension TelemetryStore: SinkPositions {
    /// The `seq` of the last row that `sink` has delivered; nil where it is new.
    public func position(of sink: String) throws(TelemetryError) -> Int64? {
        try writing { db in
            let sql = "SELECT seq FROM bus_positions WHERE sink = ?"
            return try Int64.fetchOne(db.cachedStatement(sql: sql), arguments: [sink])
        }
    }

    /// How far the sequence reaches.
    public func bounds() throws(TelemetryError) -> EventBounds {
        try writing { db in try EventBounds.fetch(db) }
    }

    /// Records that `sink` has delivered everything up to `seq`.
    public func move(_ sink: String, to seq: Int64) throws(TelemetryError) {
        try writing { db in
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
}
