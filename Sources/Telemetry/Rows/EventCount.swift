internal import GRDB

/// How many events of a sort were ever recorded, those that were pruned since included.
public struct EventCount: Equatable, Sendable {
    /// The telemetry source.
    public var source: String
    /// What the events tell; a string, since a newer logtail may have recorded them.
    public var kind: String
    /// How bad they are.
    public var status: String
    /// How many.
    public var count: Int64

    /// The counts of a database; counted from its rows where it is older than the counters.
    static func all(_ db: Database) throws -> [EventCount] {
        let counters = "SELECT source, kind, status, count FROM event_counts ORDER BY 1, 2, 3"
        let rows = """
            SELECT source, kind, status, count(*) FROM events GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
            """
        return try Row.fetchAll(db, sql: Schema.hasCounters(db) ? counters : rows).map {
            EventCount(source: $0[0], kind: $0[1], status: $0[2], count: $0[3])
        }
    }
}
