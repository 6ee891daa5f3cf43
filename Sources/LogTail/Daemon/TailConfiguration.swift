public import Observers

/// Everything that decides how one path is followed and judged.
public struct TailConfiguration: Sendable {
    /// The upstream's observer.
    public var observer: any LineObserver.Type
    /// The telemetry source.
    public var source: String
    /// The name under which events are published.
    public var event: String
    /// From which latency on a request is degraded or stalled.
    public var thresholds: Thresholds
    /// How breaches become episodes.
    public var episodes: EpisodeRules
    /// The zone of timestamps that carry none.
    public var zone: Zone
    /// True: a file with no checkpoint is read from its first byte, siblings included.
    public var fromStart = false
    /// Bytes of the longest line that is read, its newline not counted.
    public var maximumLineBytes = Self.standardLineBytes
    /// How long a renamed file is still followed after its successor appeared, nanoseconds.
    public var rotateWait = Self.standardRotateWait * 1_000_000
    /// The folder of rotated siblings; nil: the file's own.
    public var archives: String?
    /// Look for changes at this interval too, nanoseconds; nil: only when the kernel reports one.
    public var pollInterval: Int64?

    /// Bytes of the longest line where nothing else is said.
    public static let standardLineBytes = 1_048_576
    /// Milliseconds that a renamed file is still followed where nothing else is said.
    public static let standardRotateWait: Int64 = 5_000
    /// Milliseconds of the longest episode where nothing else is said.
    public static let standardSpan: Int64 = 300_000

    /// A configuration with the observer's defaults.
    public init(
        observer: any LineObserver.Type, event: String = "log.overhead", zone: Zone = .utc
    ) {
        let descriptor = observer.descriptor
        self.observer = observer
        self.event = event
        self.zone = zone
        source = descriptor.source
        thresholds = Thresholds(degraded: descriptor.thresholdMilliseconds)
        episodes = EpisodeRules(
            quietMilliseconds: descriptor.quietMilliseconds,
            latenessMilliseconds: descriptor.latenessMilliseconds,
            maximumSpanMilliseconds: Self.standardSpan)
    }
}
