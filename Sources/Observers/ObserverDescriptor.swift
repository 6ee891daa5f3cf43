/// What an upstream's log is and how its latencies are judged by default.
public struct ObserverDescriptor: Sendable {
    /// The name given to `--observer`.
    public var name: String

    /// One sentence: which program's which line.
    public var summary: String

    /// Bytes that every line of interest contains; the engine searches blocks for them and forms
    /// lines only around hits. Nil: every line is read.
    public var marker: String?

    /// The default telemetry source and bus producer.
    public var source: String

    /// Latencies at or above this many milliseconds are degraded; stalls start at four times it.
    public var thresholdMilliseconds: Double

    /// The gap of event time, strictly greater, that splits episodes.
    public var quietMilliseconds: Int64

    /// How long after the end of what it reports a line may be written.
    public var latenessMilliseconds: Int64

    /// What the observer takes from a line, for `logtail observers`.
    public var fields: [String]

    /// Paths or globs followed when none is named, from the environment's variables.
    public var usualPaths: @Sendable (_ environment: [String: String]) -> [String]

    /// A descriptor; quiet and lateness default to what fits a log written as things happen.
    public init(
        name: String, summary: String, marker: String?, source: String,
        thresholdMilliseconds: Double, quietMilliseconds: Int64 = 1_000,
        latenessMilliseconds: Int64 = 0, fields: [String],
        usualPaths: @escaping @Sendable (_ environment: [String: String]) -> [String]
    ) {
        self.name = name
        self.summary = summary
        self.marker = marker
        self.source = source
        self.thresholdMilliseconds = thresholdMilliseconds
        self.quietMilliseconds = quietMilliseconds
        self.latenessMilliseconds = latenessMilliseconds
        self.fields = fields
        self.usualPaths = usualPaths
    }
}
