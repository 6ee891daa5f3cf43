/// Reads one upstream's log lines: one type, one file, one line in the registry.
///
/// An observer only says what a line says. Severity, episodes, distributions, drift and positions
/// belong to the engine.
///
/// ```swift
/// struct MyObserver: LineObserver {
///     static let descriptor = ObserverDescriptor(name: "mine", …, marker: "took_ms=")
///     var stages = StageNames()
///     init(_ options: ObserverOptions) {}
///     mutating func observe(
///         _ line: Span<UInt8>, into observation: inout Observation
///     ) -> Reading { … }
/// }
/// ```
public protocol LineObserver: SendableMetatype {
    /// What the registry and the engine need to know before the first line.
    static var descriptor: ObserverDescriptor { get }

    /// An observer at the beginning of a log, or where ``ObserverOptions`` say it was.
    init(_ options: ObserverOptions)

    /// The names behind the ``StageID``s of its observations.
    var stages: StageNames { get }

    /// Reads a line that contains the marker, without its newline. Never throws, never traps,
    /// whatever the bytes; keeps nothing of `line`.
    ///
    /// A latency goes into `observation`, which comes empty; where the reading's outcome is
    /// another, nobody looks at it. It is the caller's, who uses it again for the next line: it is
    /// too large to be handed back, and copied, for each.
    mutating func observe(_ line: Span<UInt8>, into observation: inout Observation) -> Reading
}

/// What an observer makes of one line.
public struct Reading: Sendable {
    /// The time the line itself carries, whatever else it holds; it drives the line clock.
    public var timestamp: Timestamp?

    /// What the line holds.
    public var outcome: Outcome

    /// A line's reading.
    public init(timestamp: Timestamp?, outcome: Outcome) {
        self.timestamp = timestamp
        self.outcome = outcome
    }

    /// What a line holds.
    public enum Outcome: Sendable {
        /// A latency, which is in the observation that was handed in.
        case observation
        /// A well-formed line that carries no latency.
        case irrelevant
        /// A line that should have carried one; the reason is a short constant phrase.
        case unparsed(StaticString)
    }
}

/// What an observer may need to know to read a log.
public struct ObserverOptions: Sendable {
    /// The zone of timestamps that carry none.
    public var zone: Zone

    /// The latest time already read in this log: in the hour that comes twice, the reading of a
    /// local time that is not before it is taken.
    public var notBefore: Timestamp?

    /// Stage names already in the database, so that the limit counts them.
    public var knownStages: [String]

    /// Options for a log read from its start.
    public init(zone: Zone = .utc, notBefore: Timestamp? = nil, knownStages: [String] = []) {
        self.zone = zone
        self.notBefore = notBefore
        self.knownStages = knownStages
    }
}

/// A time zone's rule: how far local time is from UTC at an instant.
public struct Zone: Sendable {
    /// Seconds east of UTC at a second since the epoch.
    public let offset: @Sendable (_ unixSecond: Int64) -> Int

    /// A zone from its rule.
    public init(offset: @escaping @Sendable (_ unixSecond: Int64) -> Int) {
        self.offset = offset
    }

    /// A zone that never changes, `offset` seconds east of UTC.
    public static func fixed(_ offset: Int) -> Zone {
        Zone { _ in offset }
    }

    /// Coordinated Universal Time.
    public static let utc = Zone.fixed(0)
}
