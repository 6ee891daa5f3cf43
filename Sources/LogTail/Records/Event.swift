public import Checkpoint
public import Observers

/// What an event tells, the closed list of the `kind` column.
public enum EventKind: String, CaseIterable, Sendable {
    /// One line whose latency is degraded or stalled.
    case overhead
    /// A burst of breaches.
    case stallEpisode = "stall_episode"
    /// Reading of a file began.
    case tailStarted = "tail_started"
    /// Reading of a file ended.
    case tailStopped = "tail_stopped"
    /// The path now names another generation.
    case rotated
    /// The file became shorter or its bytes changed under the position.
    case truncated
    /// The generation a checkpoint names is gone.
    case missedRotation = "missed_rotation"
    /// A line longer than the limit was skipped.
    case lineOversized = "line_oversized"
    /// A compressed sibling could not be read to its end.
    case archiveUnreadable = "archive_unreadable"
    /// A file could not be opened or read.
    case readFailed = "read_failed"
    /// Lines with the marker no longer parse.
    case observerDrift = "observer_drift"
    /// They parse again.
    case observerRecovered = "observer_recovered"
}

/// How bad an event is, the `status` column.
public enum EventStatus: String, CaseIterable, Sendable {
    /// Nothing to report.
    case ok
    /// Worth knowing.
    case info
    /// Something was lost or is about to be.
    case warning
    /// At or above the threshold.
    case degraded
    /// At or above the stall threshold.
    case stall
}

/// An event on its way into the database: a row without its place in the sequence.
public struct Event: Sendable {
    /// What the key is made from; see ``EventSeed``.
    public var seed: EventSeed
    /// Event time.
    public var timestamp: Timestamp
    /// The telemetry source.
    public var source: String
    /// The name under which events are published.
    public var event: String
    /// What it tells.
    public var kind: EventKind
    /// How bad it is.
    public var status: EventStatus
    /// A breach's latency or an episode's peak, in milliseconds.
    public var durationMilliseconds: Double?
    /// The dominant stage of a breach or an episode, which the detail holds too.
    public var stage: String?
    /// A compact JSON object.
    public var detail: String

    /// An event from its columns.
    public init(
        seed: EventSeed, timestamp: Timestamp, source: String, event: String, kind: EventKind,
        status: EventStatus, durationMilliseconds: Double? = nil, stage: String? = nil,
        detail: String
    ) {
        self.seed = seed
        self.timestamp = timestamp
        self.source = source
        self.event = event
        self.kind = kind
        self.status = status
        self.durationMilliseconds = durationMilliseconds
        self.stage = stage
        self.detail = detail
    }
}

/// What makes an event the same event in every database that is fed from the same logs: source,
/// kind, the line's offset in its generation, and its bytes.
public struct EventSeed: Hashable, Sendable {
    /// The digest of those four.
    public let digest: Digest

    /// The seed of what the line at `offset` reports.
    public init(source: String, kind: EventKind, offset: Int64, line: Digest) {
        digest = Digest(of: [source, kind.rawValue, String(decimal: offset), line.hex])
    }

    /// The column `key`. The very same line at the same offset can come again in another
    /// generation (a recreated file); `ordinal` counts how often it came before.
    public func key(ordinal: Int) -> String {
        guard ordinal > 0 else { return digest.hex }
        return Digest(of: [digest.hex, String(ordinal)]).hex
    }
}
