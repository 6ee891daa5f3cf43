internal import Checkpoint
internal import GRDB
internal import LogTail
internal import Observers
internal import Syscalls

/// Writes batches, each in one transaction.
///
/// One belongs to a connection and is used on its queue alone. It keeps its statements: GRDB finds
/// one by its text, and to hash the texts takes a tenth of the time of a commit of one breach.
final class BatchWriter {
    private let db: Database
    private var transaction: ImmediateTransaction
    private var sequence: EventSequence
    private var insertion: RowStatement
    private var cellUpdate: RowStatement
    private var cellUpsert: RowStatement
    private var checkpointUpdate: RowStatement
    private var checkpointInsertion: RowStatement
    /// When the rows are written.
    private var now = ""

    /// Cells that are written without being listed: those of a few logs in a minute, which a
    /// breach may wait for and which are soon written again. Batches with more are a backlog's;
    /// upkeep would write each of their rows a second time.
    private static let unlistedCells = 64

    init(_ db: Database) throws {
        self.db = db
        transaction = try ImmediateTransaction(db)
        sequence = try EventSequence(db)
        insertion = try RowStatement(Self.insertion, db)
        cellUpdate = try RowStatement(Self.cellUpdate, db)
        cellUpsert = try RowStatement(Self.cellUpsert, db)
        checkpointUpdate = try RowStatement(Self.checkpointUpdate, db)
        checkpointInsertion = try RowStatement(Self.checkpointInsertion, db)
    }

    /// Commits a batch, and returns the last rows of the events table, as many as stay in memory.
    /// Where it fails, what is known here of the database does not hold any more.
    func commit(_ batch: Batch) throws -> [RecordedEvent] {
        try transaction.run {
            now = Timestamp(nanoseconds: Clock.wall).text
            let rows = try write(batch.events)
            try write(batch.latency)
            try write(batch.checkpoints)
            return rows
        }
    }

    private func write(_ events: [Event]) throws -> [RecordedEvent] {
        guard !events.isEmpty else { return [] }
        // Left to SQLite, a key that is taken would use a number up.
        let numbers = try sequence.next(events.count)
        var rows: [RecordedEvent] = []
        rows.reserveCapacity(min(events.count, FreshRows.limit))
        for (event, seq) in zip(events, numbers) {
            var row = RecordedEvent(
                event, seq: seq, key: event.seed.key(ordinal: 0), recordedAt: now)
            if try !insert(row) {
                row.key = try freeKey(event.seed)
                _ = try insert(row)
            }
            if numbers.upperBound - seq <= FreshRows.limit { rows.append(row) }
        }
        return rows
    }

    private static let insertion = """
        INSERT INTO events
          (seq, key, ts, source, event, kind, status, duration_ms, detail, recorded_at)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (key) DO NOTHING
        """

    /// Inserts a row unless its key is taken.
    private func insert(_ row: RecordedEvent) throws -> Bool {
        try insertion.execute { values in
            values.add(row.seq)
            values.add(row.key)
            values.add(row.timestamp)
            values.add(row.source)
            values.add(row.event)
            values.add(row.kind)
            values.add(row.status)
            values.add(row.durationMilliseconds)
            values.add(row.detail)
            values.add(row.recordedAt)
        } > 0
    }

    /// The key with the lowest ordinal that is free, found in a number of steps that grows with
    /// the logarithm of the ordinal: a line may have come a hundred thousand times before.
    private func freeKey(_ seed: EventSeed) throws -> String {
        var taken = 0
        var free = 1
        while try isTaken(seed.key(ordinal: free)) {
            taken = free
            free *= 2
        }
        while free - taken > 1 {
            let middle = taken + (free - taken) / 2
            if try isTaken(seed.key(ordinal: middle)) { taken = middle } else { free = middle }
        }
        return seed.key(ordinal: free)
    }

    private func isTaken(_ key: String) throws -> Bool {
        let sql = "SELECT 1 FROM events WHERE key = ?"
        return try Int.fetchOne(db.cachedStatement(sql: sql), arguments: [key]) != nil
    }

    private func write(_ cells: [LatencyCell]) throws {
        let isListed = cells.count > Self.unlistedCells
        var (minute, text) = (Int64.min, "")
        for cell in cells {
            // Cells of the same minute, mostly all, follow each other.
            if cell.minute != minute {
                (minute, text) = (cell.minute, LatencyCell.text(ofMinute: cell.minute))
            }
            func bind(_ values: inout RowStatement.Values) {
                values.add(cell.source)
                values.add(cell.stage)
                values.add(text)
                values.add(cell.count)
                values.add(cell.sum)
                values.add(cell.minimum)
                values.add(cell.maximum)
                values.add(cell.degraded)
                values.add(cell.stalled)
                values.add(cell.sketch.appendBuckets)
                values.add(now)
                values.add(isListed ? 1 : 0)
            }
            if cell.isStored, !isListed, try cellUpdate.execute(bind) > 0 { continue }
            try cellUpsert.execute(bind)
        }
    }

    /// Writes a row that is there and is not listed, which no index has to know of.
    private static let cellUpdate = """
        UPDATE latency SET
          count = ?4, sum_ms = ?5, min_ms = ?6, max_ms = ?7, degraded = ?8, stalled = ?9,
          buckets = ?10, recorded_at = ?11
         WHERE source = ?1 AND stage = ?2 AND minute = ?3 AND listed = ?12
        """

    /// Writes any row, also one that was pruned meanwhile, from the same values.
    private static let cellUpsert = """
        INSERT INTO latency
          (source, stage, minute, count, sum_ms, min_ms, max_ms, degraded, stalled, buckets,
           recorded_at, listed)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (source, stage, minute) DO UPDATE SET
          count = excluded.count, sum_ms = excluded.sum_ms, min_ms = excluded.min_ms,
          max_ms = excluded.max_ms, degraded = excluded.degraded, stalled = excluded.stalled,
          buckets = excluded.buckets, recorded_at = excluded.recorded_at,
          listed = excluded.listed
        """

    private func write(_ checkpoints: [CheckpointRecord]) throws {
        for row in checkpoints {
            let position = row.position
            func bind(_ values: inout RowStatement.Values) {
                values.add(row.source)
                values.add(row.path)
                values.add(Int64(bitPattern: position.identity.device))
                values.add(Int64(bitPattern: position.identity.inode))
                values.add(position.offset)
                values.add(position.fingerprintText)
                values.add(row.state)
                values.add(row.bytesRead)
                values.add(row.linesMatched)
                values.add(row.linesUnparsed)
                values.add(now)
            }
            // All but the first of a path are there.
            if try checkpointUpdate.execute(bind) == 0 { try checkpointInsertion.execute(bind) }
        }
    }

    private static let checkpointUpdate = """
        UPDATE checkpoints SET
          device = ?3, inode = ?4, offset = ?5, fingerprint = ?6, episode = ?7, bytes_read = ?8,
          lines_matched = ?9, lines_unparsed = ?10, updated_at = ?11
         WHERE source = ?1 AND path = ?2
        """

    private static let checkpointInsertion = """
        INSERT INTO checkpoints (\(CheckpointRow.columns))
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """
}
