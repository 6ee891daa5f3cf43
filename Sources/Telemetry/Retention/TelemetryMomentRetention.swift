internal import GRDB
internal import LogTail
internal import Observers

extension TelemetryMoment {
    /// True where retention has removed rows that `query` may ask for: rows were pruned that may
    /// lie in its window, and what is left begins after the window does. A window without a
    /// beginning asks for what is there.
    public func isPruned(_ query: LatencyQuery) throws -> Bool {
        let retention = try retention()
        guard let first = query.firstMinute, retention.latencyPruned > 0 else { return false }
        // Rows go in the order they were recorded in, so that all that went were recorded before
        // the oldest that is left, and before pruning last did something; what was recorded
        // before the window begins was logged before that too.
        let oldestRecorded = try oldestRecorded()
        let begin = Timestamp(seconds: first * 60).text
        guard begin <= oldestRecorded ?? begin, begin <= retention.prunedAt ?? begin else {
            return false
        }
        var everything = query
        everything.since = nil
        everything.until = nil
        let oldest = try latency(matching: everything).series.map(\.firstMinute).min()
        return oldest.map { $0 > first } ?? true
    }

    /// When the row of latency that was recorded first was, by the indexes of the schema.
    private func oldestRecorded() throws -> String? {
        let rows =
            try Schema.version(of: db) < 3
            ? ["SELECT min(recorded_at) FROM latency"]
            : [
                "SELECT min(recorded_at) FROM latency WHERE listed",
                "SELECT min(recorded_at) FROM latency WHERE NOT listed",
            ]
        return try rows.compactMap { sql in try String.fetchOne(db, sql: sql) }.min()
    }
}
