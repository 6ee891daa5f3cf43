internal import Checkpoint
internal import GRDB
internal import LogTail
internal import Observers
internal import Syscalls

/// Writes the rows of one batch inside a transaction that is already open.
struct BatchWriter {
    private let db: Database
    private let now = Timestamp(nanoseconds: Clock.wall).text

    init(_ db: Database) {
        self.db = db
    }

    func write(_ batch: Batch) throws {
        try write(batch.events)
        for cell in batch.latency { try write(cell) }
        for checkpoint in batch.checkpoints { try write(checkpoint) }
    }

    private func write(_ events: [Event]) throws {
        guard !events.isEmpty else { return }
        // Numbers are given out here: left to SQLite, a key that is taken would use one up.
        let last = try Int64.fetchOne(
            db.cachedStatement(sql: "SELECT seq FROM sqlite_sequence WHERE name = 'events'"))
        var seq = (last ?? 0) + 1
        for event in events {
            if try !insert(event, seq, key: event.seed.key(ordinal: 0)) {
                _ = try insert(event, seq, key: freeKey(event.seed))
            }
            seq += 1
        }
        try count(events)
    }

    /// Keeps how many rows there ever were: counting a million of them takes too long, and
    /// pruned ones could not be counted at all.
    private func count(_ events: [Event]) throws {
        struct Group: Hashable {
            let source: String
            let kind: EventKind
            let status: EventStatus
        }
        let sql = """
            INSERT INTO event_counts (source, kind, status, count) VALUES (?, ?, ?, ?)
            ON CONFLICT (source, kind, status) DO UPDATE SET count = count + excluded.count
            """
        let groups = Dictionary(grouping: events) {
            Group(source: $0.source, kind: $0.kind, status: $0.status)
        }
        for (group, events) in groups {
            try db.cachedStatement(sql: sql).execute(arguments: [
                group.source, group.kind.rawValue, group.status.rawValue, events.count,
            ])
        }
    }

    /// Inserts a row unless its key is taken.
    private func insert(_ event: Event, _ seq: Int64, key: String) throws -> Bool {
        let sql = """
            INSERT INTO events
              (seq, key, ts, source, event, kind, status, duration_ms, detail, recorded_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (key) DO NOTHING
            """
        try db.cachedStatement(sql: sql).execute(arguments: [
            seq, key, event.timestamp.text, event.source, event.event, event.kind.rawValue,
            event.status.rawValue, event.durationMilliseconds, event.detail, now,
        ])
        return db.changesCount > 0
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

    private func write(_ cell: LatencyCell) throws {
        let sql = """
            INSERT INTO latency
              (source, stage, minute, count, sum_ms, min_ms, max_ms, degraded, stalled, buckets,
               recorded_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (source, stage, minute) DO UPDATE SET
              count = excluded.count, sum_ms = excluded.sum_ms, min_ms = excluded.min_ms,
              max_ms = excluded.max_ms, degraded = excluded.degraded,
              stalled = excluded.stalled, buckets = excluded.buckets,
              recorded_at = excluded.recorded_at
            """
        try db.cachedStatement(sql: sql).execute(arguments: [
            cell.source, cell.stage, LatencyCell.text(ofMinute: cell.minute), cell.count,
            cell.sum, cell.minimum, cell.maximum, cell.degraded, cell.stalled,
            cell.sketch.bucketsJSON, now,
        ])
    }

    private func write(_ checkpoint: CheckpointRecord) throws {
        let sql = """
            INSERT INTO checkpoints (\(CheckpointRow.columns))
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (source, path) DO UPDATE SET
              device = excluded.device, inode = excluded.inode, offset = excluded.offset,
              fingerprint = excluded.fingerprint, episode = excluded.episode,
              bytes_read = excluded.bytes_read, lines_matched = excluded.lines_matched,
              lines_unparsed = excluded.lines_unparsed, updated_at = excluded.updated_at
            """
        let position = checkpoint.position
        try db.cachedStatement(sql: sql).execute(arguments: [
            checkpoint.source, checkpoint.path,
            Int64(bitPattern: position.identity.device),
            Int64(bitPattern: position.identity.inode), position.offset,
            position.fingerprintText, checkpoint.state, checkpoint.bytesRead,
            checkpoint.linesMatched, checkpoint.linesUnparsed, now,
        ])
    }
}
