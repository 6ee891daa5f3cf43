internal import GRDB
internal import LogTail

extension TelemetryMoment {
    /// True where retention has removed rows that `query` may ask for: rows were pruned, and what
    /// is left begins after the window does. A window without a beginning asks for what is there.
    public func isPruned(_ query: LatencyQuery) throws -> Bool {
        guard let first = query.firstMinute, try retention().latencyPruned > 0 else { return false }
        var everything = query
        everything.since = nil
        everything.until = nil
        let oldest = try latency(matching: everything).series.map(\.firstMinute).min()
        return oldest.map { $0 > first } ?? true
    }
}
