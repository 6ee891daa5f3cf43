internal import GRDB
internal import LogTail

/// The database as it is at one moment, for an answer that is made of several questions: what
/// is recorded or pruned meanwhile shows in none of them.
public struct TelemetryMoment {
    let db: Database
    private let path: String

    fileprivate init(_ db: Database, _ path: String) {
        self.db = db
        self.path = path
    }

    /// The rows of latency that `query` is about.
    public func latency(matching query: LatencyQuery) throws -> LatencyView {
        try LatencyView(db, query, path)
    }

    /// Calls `body` with each stall episode that passes the filters of `query`, in order of
    /// `seq`; ``EventQuery/kinds`` and ``EventQuery/limit`` are none.
    public func forEachEpisode(
        matching query: EventQuery, _ body: (RecordedEpisode) throws -> Void
    ) throws {
        var query = query
        query.kinds = [EventKind.stallEpisode.rawValue]
        let condition = query.condition
        let sql =
            "SELECT \(RecordedEpisode.columns) FROM events WHERE \(condition.sql) ORDER BY seq"
        let rows = try Row.fetchCursor(
            db.cachedStatement(sql: sql), arguments: condition.arguments)
        while let row = try rows.next() { try body(RecordedEpisode(row)) }
    }

    /// How many events pass the filters of `query`, and the latest of them in order of `seq`, as
    /// many as its limit says.
    public func latestEvents(
        matching query: EventQuery
    ) throws -> (count: Int64, events: [RecordedEvent]) {
        let condition = query.condition
        let count = try Int64.fetchOne(
            db.cachedStatement(sql: "SELECT count(*) FROM events WHERE \(condition.sql)"),
            arguments: condition.arguments)
        let sql = """
            SELECT \(RecordedEvent.columns) FROM events WHERE \(condition.sql)
             ORDER BY seq DESC LIMIT ?
            """
        let rows = try Row.fetchCursor(
            db.cachedStatement(sql: sql), arguments: condition.arguments + [query.limit ?? -1])
        return (count ?? 0, try Array(rows.map { RecordedEvent($0) }).reversed())
    }

    /// What retention has done so far.
    public func retention() throws -> RetentionState { try RetentionState(db) }
}

extension TelemetryReader {
    /// Calls `body` with the database as it is now. Holds that view meanwhile: for consumers
    /// that add up, not for slow ones.
    public func atOneMoment<Result>(
        _ body: (TelemetryMoment) throws -> Result
    ) throws(TelemetryError) -> Result {
        try Connection.reporting(path) {
            try database.read { db in try body(TelemetryMoment(db, path)) }
        }
    }
}
