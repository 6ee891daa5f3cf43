internal import GRDB

/// What retention was asked for and has done so far, the one row of the retention table.
public struct RetentionState: Equatable, Sendable {
    /// The limits of the daemon that ran last; the standard ones where none has told.
    public var limits = RetentionLimits.standard
    /// Events that were ever pruned.
    public var eventsPruned: Int64 = 0
    /// Of these, rows that a sink still waited for.
    public var undeliveredPruned: Int64 = 0
    /// Latency rows that were ever pruned.
    public var latencyPruned: Int64 = 0
    /// When a row last was, `2026-06-13T08:55:01.123Z`.
    public var prunedAt: String?
    /// When a row last was that a sink still waited for.
    public var undeliveredAt: String?

    /// The state of a database that never pruned.
    public init() {}

    /// The state that a database keeps; that of one that never pruned where it is older than
    /// retention.
    init(_ db: Database) throws {
        guard try Schema.hasCounters(db) else { return }
        let sql = """
            SELECT keep_days, keep_events, keep_mib, events_pruned, undelivered_pruned,
                   latency_pruned, pruned_at, undelivered_at
              FROM retention
            """
        guard let row = try Row.fetchOne(db, sql: sql) else { return }
        limits = RetentionLimits(
            days: row[0] ?? limits.days, events: row[1] ?? limits.events,
            mebibytes: row[2] ?? limits.mebibytes)
        eventsPruned = row[3]
        undeliveredPruned = row[4]
        latencyPruned = row[5]
        prunedAt = row[6]
        undeliveredAt = row[7]
    }
}
