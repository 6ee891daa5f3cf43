public import Checkpoint
public import Observers

/// One line whose latency is degraded or stalled: what an episode is made of.
public struct Breach: Equatable, Sendable {
    /// When the observed phase ended.
    public var eventTime: Timestamp
    /// The latency in milliseconds, finite.
    public var latencyMilliseconds: Double
    /// The part of the latency spent waiting for a turn, in milliseconds.
    public var queuedMilliseconds: Double
    /// How bad it is.
    public var severity: Severity
    /// The largest of the stages that make up the latency, where the upstream tells them.
    public var dominantStage: String?
    /// Where the line starts in its generation, in bytes, decompressed.
    public var offset: Int64
    /// The digest of the line's bytes.
    public var line: Digest

    /// A breach from its parts.
    public init(
        eventTime: Timestamp, latencyMilliseconds: Double, queuedMilliseconds: Double,
        severity: Severity, dominantStage: String?, offset: Int64, line: Digest
    ) {
        self.eventTime = eventTime
        self.latencyMilliseconds = latencyMilliseconds
        self.queuedMilliseconds = queuedMilliseconds
        self.severity = severity
        self.dominantStage = dominantStage
        self.offset = offset
        self.line = line
    }

    /// When the request began to be held up: the latency before its event time, less the wait for
    /// its turn, which is overhead but not the stall. Never after the event time.
    public var began: Timestamp {
        let latency = max(0, latencyMilliseconds)
        let queued = queuedMilliseconds > 0 ? min(queuedMilliseconds, latency) : 0
        return eventTime.advanced(byMilliseconds: queued - latency)
    }
}
