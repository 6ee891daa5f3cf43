internal import Observers

/// One row of the latency table: a stage in one minute of event time.
public struct LatencyCell: Equatable, Sendable {
    /// The telemetry source.
    public let source: String
    /// The stage's name; `total` is the observed latency itself.
    public let stage: String
    /// Minutes since the epoch.
    public let minute: Int64
    /// How many latencies.
    public private(set) var count: Int64 = 0
    /// Their sum in milliseconds, added in the order they were read; it stays finite.
    public private(set) var sum = 0.0
    /// The smallest, in milliseconds.
    public private(set) var minimum = Double.infinity
    /// The largest, in milliseconds.
    public private(set) var maximum = -Double.infinity
    /// How many were at or above the threshold but no stall.
    public private(set) var degraded: Int64 = 0
    /// How many were at or above the stall threshold.
    public private(set) var stalled: Int64 = 0
    /// Their distribution.
    public private(set) var sketch = LatencySketch()
    /// True where the recorder has a row of the cell already, as far as the engine knows.
    public internal(set) var isStored = false

    /// An empty cell.
    public init(source: String, stage: String, minute: Int64) {
        self.source = source
        self.stage = stage
        self.minute = minute
    }

    /// A cell from a row.
    public init(
        source: String, stage: String, minute: Int64, count: Int64, sum: Double, minimum: Double,
        maximum: Double, degraded: Int64, stalled: Int64, sketch: LatencySketch
    ) {
        self.init(source: source, stage: stage, minute: minute)
        self.count = count
        self.sum = sum
        self.minimum = minimum
        self.maximum = maximum
        self.degraded = degraded
        self.stalled = stalled
        self.sketch = sketch
    }

    /// Counts one latency, judged by `thresholds`.
    public mutating func record(_ milliseconds: Double, _ thresholds: Thresholds) {
        let severity = thresholds.severity(of: milliseconds)
        addTotals(
            count: 1, sum: milliseconds, minimum: milliseconds, maximum: milliseconds,
            degraded: severity == .degraded ? 1 : 0, stalled: severity == .stall ? 1 : 0)
        sketch.record(milliseconds)
    }

    /// Adds everything another cell counted.
    public mutating func merge(_ other: LatencyCell) {
        addTotals(
            count: other.count, sum: other.sum, minimum: other.minimum, maximum: other.maximum,
            degraded: other.degraded, stalled: other.stalled)
        sketch.merge(other.sketch)
    }

    /// Adds the columns of a row; false, with a part of it added, where `bucketsJSON` is not what
    /// logtail writes.
    public mutating func merge(
        count: Int64, sum: Double, minimum: Double, maximum: Double, degraded: Int64,
        stalled: Int64, bucketsJSON: String
    ) -> Bool {
        addTotals(
            count: count, sum: sum, minimum: minimum, maximum: maximum, degraded: degraded,
            stalled: stalled)
        return sketch.merge(bucketsJSON: bucketsJSON)
    }

    private mutating func addTotals(
        count: Int64, sum: Double, minimum: Double, maximum: Double, degraded: Int64,
        stalled: Int64
    ) {
        self.count = self.count.addingSaturating(count)
        addToSum(sum)
        self.minimum = min(self.minimum, minimum)
        self.maximum = max(self.maximum, maximum)
        self.degraded = self.degraded.addingSaturating(degraded)
        self.stalled = self.stalled.addingSaturating(stalled)
    }

    /// The latency at or below which a share `quantile` of all lie, within 1 %, from 0 to 1; nil
    /// where nothing was counted. It is never outside what was seen.
    public func quantile(_ quantile: Double) -> Double? {
        sketch.quantile(quantile).map { min(max($0, minimum), maximum) }
    }

    /// A forged line may name 1e308; an infinite sum would be no JSON, and one of two infinities
    /// no number at all.
    private mutating func addToSum(_ milliseconds: Double) {
        let bound = Double.greatestFiniteMagnitude
        sum = min(max(sum + milliseconds, -bound), bound)
    }
}

/// From which latency on a request is degraded, and from which it stalled.
public struct Thresholds: Equatable, Sendable {
    /// Milliseconds from which a latency is degraded.
    public var degraded: Double
    /// Milliseconds from which it is a stall; not below `degraded`.
    public var stall: Double

    /// Thresholds in milliseconds; what takes four times as long as what is degraded is a stall,
    /// where nothing else is said.
    public init(degraded: Double, stall: Double? = nil) {
        self.degraded = degraded
        self.stall = stall ?? 4 * degraded
    }

    /// What a latency is by these thresholds.
    public func severity(of milliseconds: Double) -> Severity {
        milliseconds >= stall ? .stall : milliseconds >= degraded ? .degraded : .normal
    }
}

/// How bad one latency is.
public enum Severity: Int, Comparable, Sendable {
    /// Below the threshold.
    case normal
    /// At or above the threshold.
    case degraded
    /// At or above the stall threshold.
    case stall

    /// In the order of the cases.
    public static func < (left: Severity, right: Severity) -> Bool {
        left.rawValue < right.rawValue
    }
}
