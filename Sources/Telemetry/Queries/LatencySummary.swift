public import LogTail

/// What a distribution of latencies comes to, in milliseconds.
public struct LatencySummary: Equatable, Sendable {
    /// How many latencies.
    public let count: Int64
    /// The smallest; nil, as all below, where there are none.
    public let minimum: Double?
    /// Their mean.
    public let mean: Double?
    /// The median.
    public let p50: Double?
    /// Nine in ten are at or below it.
    public let p90: Double?
    /// 99 in a hundred are at or below it.
    public let p99: Double?
    /// 999 in a thousand are at or below it.
    public let p999: Double?
    /// The largest.
    public let maximum: Double?
    /// How many were at or above the threshold but no stall.
    public let degraded: Int64
    /// How many were at or above the stall threshold.
    public let stalled: Int64

    /// The summary of what a cell counted. Quantiles are by nearest rank, within 1 %.
    public init(_ cell: LatencyCell) {
        let isEmpty = cell.count == 0
        count = cell.count
        minimum = isEmpty ? nil : cell.minimum
        maximum = isEmpty ? nil : cell.maximum
        // The last bit of a sum may be rounded; a mean beyond the largest would look wrong.
        mean = isEmpty ? nil : min(max(cell.sum / Double(count), cell.minimum), cell.maximum)
        p50 = cell.quantile(0.5)
        p90 = cell.quantile(0.9)
        p99 = cell.quantile(0.99)
        p999 = cell.quantile(0.999)
        degraded = cell.degraded
        stalled = cell.stalled
    }

    /// The share that was degraded, from 0 to 1; nil where there are none.
    public var degradedShare: Double? { count > 0 ? Double(degraded) / Double(count) : nil }

    /// The share that stalled, from 0 to 1; nil where there are none.
    public var stalledShare: Double? { count > 0 ? Double(stalled) / Double(count) : nil }
}
