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
        let oldestRecorded = try String.fetchOne(db, sql: "SELECT min(recorded_at) FROM latency")
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
}
