internal import GRDB
public import LogTail
public import Observers

/// Which rows of the latency table a question is about.
public struct LatencyQuery: Equatable, Sendable {
    /// From this time on. A minute belongs to the window if any of it does.
    public var since: Timestamp?
    /// Before this time; of the minute that it lies in, all is counted.
    public var until: Timestamp?
    /// Of these sources; empty: of all.
    public var sources: [String] = []
    /// Of these stages; empty: of all.
    public var stages: [String] = []

    /// All rows.
    public init() {}

    /// The first minute of the window, since the epoch; nil: without a bound.
    public var firstMinute: Int64? { since?.unixMinute }

    /// The minute just past the window, since the epoch; nil: without a bound.
    public var endMinute: Int64? { until?.advanced(byNanoseconds: 59_999_999_999).unixMinute }

    /// Minutes from this text on; every text comes after the empty one.
    fileprivate var firstMinuteText: String { firstMinute.map(LatencyCell.text(ofMinute:)) ?? "" }

    /// Minutes before this text; every year comes before the tilde.
    fileprivate var endMinuteText: String { endMinute.map(LatencyCell.text(ofMinute:)) ?? "~" }

    fileprivate func includes(source: String) -> Bool {
        sources.isEmpty || sources.contains(source)
    }

    fileprivate func includes(stage: String) -> Bool { stages.isEmpty || stages.contains(stage) }
}

/// A stage of a source that has rows in a window, and where they begin and end.
public struct LatencySeries: Hashable, Sendable {
    /// The telemetry source.
    public let source: String
    /// The stage's name; `total` is the observed latency itself.
    public let stage: String
    /// The first minute with a row, since the epoch.
    public let firstMinute: Int64
    /// The last minute with a row, since the epoch.
    public let lastMinute: Int64
}

/// What a query finds, as the database was at one moment.
///
/// Rows are not sorted or searched for: each series is one stretch of the primary key, and the
/// names of the series are found by stepping from one to the next.
public struct LatencyView {
    /// The series with rows in the window, by source and stage.
    public let series: [LatencySeries]

    private let db: Database
    private let query: LatencyQuery
    private let path: String

    init(_ db: Database, _ query: LatencyQuery, _ path: String) throws {
        self.db = db
        self.query = query
        self.path = path
        var series: [LatencySeries] = []
        for name in try Self.names(db) where query.includes(source: name.source) {
            guard query.includes(stage: name.stage),
                let found = try Self.series(name, db, query, path)
            else { continue }
            series.append(found)
        }
        self.series = series
    }

    /// Calls `body` with the rows of a series in the window, oldest first. A row is only valid
    /// during the call.
    public func forEachMinute(
        of series: LatencySeries, _ body: (LatencyMinute) throws -> Void
    ) throws {
        let sql = """
            SELECT minute, count, sum_ms, min_ms, max_ms, degraded, stalled, buckets FROM latency
             WHERE source = ? AND stage = ? AND minute >= ? AND minute < ? ORDER BY minute
            """
        let rows = try Row.fetchCursor(
            db.cachedStatement(sql: sql),
            arguments: [series.source, series.stage, query.firstMinuteText, query.endMinuteText])
        while let row = try rows.next() {
            let minute = try Self.minute(row[0], path)
            try body(LatencyMinute(minute: minute, row: row, path: path))
        }
    }

    private static func names(_ db: Database) throws -> [(source: String, stage: String)] {
        try steps(db, "SELECT min(source) FROM latency WHERE true", "source", [:])
            .flatMap { source in
                try steps(
                    db, "SELECT min(stage) FROM latency WHERE source = :source", "stage",
                    ["source": source]
                ).map { (source, $0) }
            }
    }

    /// The values that `sql` gives when it is asked again and again for one beyond the last. Each
    /// is one look at the primary key, however many rows have it.
    private static func steps(
        _ db: Database, _ sql: String, _ column: String, _ arguments: [String: String]
    ) throws -> [String] {
        let next = try db.cachedStatement(sql: sql + " AND \(column) > :last")
        var value = try String.fetchOne(
            db.cachedStatement(sql: sql), arguments: StatementArguments(arguments))
        var values: [String] = []
        while let last = value {
            values.append(last)
            let arguments = arguments.merging(["last": last]) { $1 }
            value = try String.fetchOne(next, arguments: StatementArguments(arguments))
        }
        return values
    }

    private static func series(
        _ name: (source: String, stage: String), _ db: Database, _ query: LatencyQuery,
        _ path: String
    ) throws -> LatencySeries? {
        let window = """
            FROM latency
             WHERE source = :source AND stage = :stage AND minute >= :first AND minute < :end
            """
        let bounds = try Row.fetchOne(
            db.cachedStatement(
                sql: "SELECT (SELECT min(minute) \(window)), (SELECT max(minute) \(window))"),
            arguments: [
                "source": name.source, "stage": name.stage, "first": query.firstMinuteText,
                "end": query.endMinuteText,
            ])
        guard let first: String = bounds?[0], let last: String = bounds?[1] else { return nil }
        return LatencySeries(
            source: name.source, stage: name.stage, firstMinute: try minute(first, path),
            lastMinute: try minute(last, path))
    }

    private static func minute(_ text: String, _ path: String) throws -> Int64 {
        guard let minute = LatencyCell.minute(fromText: text) else {
            throw TelemetryError.corrupt(path: path, reason: LatencyCell.damage)
        }
        return minute
    }
}

/// A row of the latency table on its way into a sum.
public struct LatencyMinute {
    /// Minutes since the epoch.
    public let minute: Int64
    fileprivate let row: Row
    fileprivate let path: String

    /// Adds the row to a cell, straight from the text of its buckets.
    public func add(to cell: inout LatencyCell) throws(TelemetryError) {
        let isWhole = cell.merge(
            count: row[1], sum: row[2], minimum: row[3], maximum: row[4], degraded: row[5],
            stalled: row[6], bucketsJSON: row[7])
        guard isWhole else { throw .corrupt(path: path, reason: LatencyCell.damage) }
    }
}

extension TelemetryReader {
    /// Calls `body` with what `query` finds, all of it as it is at this moment. Holds that view of
    /// the database meanwhile: for consumers that add up, not for slow ones.
    public func readLatency<Result>(
        matching query: LatencyQuery, _ body: (LatencyView) throws -> Result
    ) throws(TelemetryError) -> Result {
        try atOneMoment { moment in try body(try moment.latency(matching: query)) }
    }
}
