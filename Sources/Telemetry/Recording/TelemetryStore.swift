internal import GRDB
public import LogTail
internal import Observers
internal import Syscalls

/// The daemon's hold on the telemetry database: the one writer, which makes each batch durable
/// as a whole or not at all.
///
/// One process at a time can have a store on a database. Any number of programs may read it
/// meanwhile; one that writes to it for more than a second makes calls fail, which leaves nothing
/// behind and may be tried again.
public final class TelemetryStore {
    /// The database file, without symlinks.
    public var path: String { connection.path }
    /// What was committed last, for the sinks.
    public let fresh = FreshRows()

    // Its statements go before the connection does.
    private var writer: BatchWriter?
    let connection: WriterConnection

    /// Opens the database at `path`, or makes it with the folders it needs; follows symlinks.
    ///
    /// The file is looked through for damage where it was not closed properly, and always while
    /// it is small enough for that to take no time worth mentioning.
    public init(path: String) throws(TelemetryError) {
        connection = try WriterConnection(path)
    }

    /// Folds the write-ahead log back, closes the database and lets others have it; calls after
    /// this fail.
    public func close() throws(TelemetryError) {
        // A connection whose statements somebody holds cannot be closed.
        releaseStatements()
        try connection.close()
    }

    deinit { releaseStatements() }

    /// Lets go of what was compiled where nobody else uses the connection meanwhile.
    private func releaseStatements() {
        guard writer != nil else { return }
        connection.database.inDatabase { _ in writer = nil }
    }

    /// Where sinks note what they have delivered.
    public var positions: any SinkPositions { connection }

    /// How far the sequence reaches.
    public func bounds() throws(TelemetryError) -> EventBounds {
        try connection.writing { db in try EventBounds.fetch(db) }
    }

    private func recording<Value>(
        _ body: (Database) throws -> Value
    ) throws(RecorderError) -> Value {
        do {
            return try connection.writing(body)
        } catch {
            throw RecorderError(error.description, isDamage: error.isDamage)
        }
    }
}

extension TelemetryStore: Recorder {
    /// Makes a batch durable as a whole or not at all; with events in it, on the disk.
    public func commit(_ batch: Batch) throws(RecorderError) {
        guard !batch.isEmpty else { return }
        try recording { db in
            try connection.require(batch.events.isEmpty ? .normal : .full, db)
            // Nothing comes between the commit and those who wait for it.
            fresh.add(try write(batch, db))
            // A change of the write-ahead log is seen before the rows in it are; this comes after.
            if !batch.events.isEmpty { connection.signal() }
        }
    }

    /// Commits the rows of a batch, and returns the last ones of the events table.
    private func write(_ batch: Batch, _ db: Database) throws -> [RecordedEvent] {
        let present = try writer ?? BatchWriter(db)
        // One that fails is not used again.
        writer = nil
        let rows = try present.commit(batch)
        writer = present
        return rows
    }

    /// The database file, without symlinks.
    public var file: String? { path }

    /// False where the path leads to another file by now, or to none.
    public var isInPlace: Bool { connection.isInPlace }

    /// The checkpoint of a path, if there is one.
    public func checkpoint(
        source: String, path: String
    ) throws(RecorderError) -> CheckpointRecord? {
        var found: CheckpointRecord?
        try forEachCheckpoint("source = ? AND path = ?", [source, path]) { found = $0 }
        return found
    }

    /// Calls `body` with each checkpoint of a source.
    public func forEachCheckpoint(
        source: String, _ body: (CheckpointRecord) -> Void
    ) throws(RecorderError) {
        try forEachCheckpoint("source = ?", [source], body)
    }

    private func forEachCheckpoint(
        _ condition: String, _ arguments: StatementArguments, _ body: (CheckpointRecord) -> Void
    ) throws(RecorderError) {
        try recording { db in
            let sql = "SELECT \(CheckpointRow.columns) FROM checkpoints WHERE \(condition)"
            let rows = try Row.fetchCursor(db.cachedStatement(sql: sql), arguments: arguments)
            while let row = try rows.next().map(CheckpointRow.init) {
                guard let record = row.record else {
                    throw TelemetryError.corrupt(
                        path: path, reason: "the position of \(row.path) does not read back")
                }
                body(record)
            }
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
                throw TelemetryError.corrupt(path: path, reason: LatencyCell.damage)
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
        try connection.writing { db in
            connection.setWriteAheadLimit(try steps.prepare(db))
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
            try connection.require(.normal, db)
            return try db.inImmediateTransaction { try steps.step(db, now) }
        }
    }
}
