internal import Checkpoint
public import Observers

/// Notices that an upstream's format changed under its observer: ten lines in a row that have the
/// marker and do not parse, with no parsed one between.
///
/// Irrelevant lines neither count nor reset: a log may mix them in at any rate, and that they
/// are still well formed says nothing about the lines that carry a latency. Pure; its state is
/// part of the checkpoint, so that a restart neither repeats nor misses a report.
public struct DriftDetector: Equatable, Sendable {
    /// Unparsed lines in a row that make a drift: one is an accident or a forgery, ten are none.
    public static let threshold: Int64 = 10

    /// Bytes of the first unparsed line that a report quotes at most.
    public static let sampleBytes = 200

    private var run: UnparsedRun?

    /// A detector that has seen no line.
    public init() {}

    /// True from the report of a drift to the line that ends it.
    public var isDrifting: Bool { (run?.count ?? 0) >= Self.threshold }

    /// Counts a line with the marker that did not parse; `offset` is where it starts in its
    /// generation.
    /// - Returns: the report of a drift at the line that makes it one, else nil.
    public mutating func countUnparsed(_ line: Span<UInt8>, offset: Int64) -> DriftReport? {
        guard var current = run else {
            run = UnparsedRun(firstLine: line, offset: offset)
            return nil
        }
        current.count = current.count.addingSaturating(1)
        run = current
        guard current.count == Self.threshold else { return nil }
        return DriftReport(kind: .observerDrift, run: current)
    }

    /// Counts a line that is an observation.
    /// - Returns: the report of the recovery where it ends a drift, else nil.
    public mutating func countParsed() -> DriftReport? {
        guard let ended = run else { return nil }
        run = nil
        guard ended.count >= Self.threshold else { return nil }
        return DriftReport(kind: .observerRecovered, run: ended)
    }
}

/// That an observer no longer understands its log, or does again.
public struct DriftReport: Sendable {
    /// `observerDrift` or `observerRecovered`.
    public let kind: EventKind
    /// What it reports.
    let run: UnparsedRun

    /// How many lines in a row did not parse.
    public var count: Int64 { run.count }
    /// The first of them, repaired to valid UTF-8 and cut to ``DriftDetector/sampleBytes``.
    public var firstLine: String { run.text }
    /// Where the first of them starts in its generation.
    public var offset: Int64 { run.offset }

    /// The row of the report. `timestamp` is that of the line that led to it, or the time of
    /// reading where it has none.
    public func event(source: String, event: String, path: String, timestamp: Timestamp) -> Event {
        var json = JSONWriter()
        json.object { json in
            json.field("count", count)
            json.field("first", firstLine)
            json.field("path", path)
            json.field("offset", offset)
        }
        return Event(
            seed: EventSeed(source: source, kind: kind, offset: offset, line: run.line),
            timestamp: timestamp, source: source, event: event, kind: kind,
            status: kind == .observerDrift ? .warning : .info, detail: json.text)
    }
}

/// Unparsed lines with no parsed one between.
struct UnparsedRun: Equatable, Sendable {
    /// How many.
    var count: Int64
    /// Where the first starts in its generation.
    let offset: Int64
    /// The digest of the first.
    let line: Digest
    /// The first, as a report quotes it.
    let text: String
}

extension UnparsedRun {
    /// The run of one line.
    init(firstLine: Span<UInt8>, offset: Int64) {
        self.init(
            count: 1, offset: offset, line: Digest(of: firstLine),
            text: Self.sample(of: firstLine))
    }

    /// The beginning of a line as text. Bytes that are not UTF-8 become U+FFFD.
    private static func sample(of line: Span<UInt8>) -> String {
        let start = line.extracting(first: DriftDetector.sampleBytes + String.bytesPastCut)
        return String(decoding: start.copied, cutTo: DriftDetector.sampleBytes)
    }
}

extension DriftDetector: Decodable {
    /// The version of the state this build writes, and the only one it reads.
    private static let version = 1

    private enum Key: String, CodingKey {
        case version = "v"
        case unparsed, offset, line, first
    }

    /// Writes the state as one JSON object, which the decoder reads.
    public func writeState(to json: inout JSONWriter) {
        json.object { json in
            json.field(Key.version.rawValue, Self.version)
            json.field(Key.unparsed.rawValue, run?.count ?? 0)
            guard let run else { return }
            json.field(Key.offset.rawValue, run.offset)
            json.field(Key.line.rawValue, run.line.hex)
            json.field(Key.first.rawValue, run.text)
        }
    }

    /// A detector that goes on where a checkpoint left off.
    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: Key.self)
        try fields.requireVersion(Self.version, forKey: .version, of: "drift")
        let count = try fields.decode(Int64.self, forKey: .unparsed)
        guard count > 0 else { return }
        let hex = try fields.decode(String.self, forKey: .line)
        guard let line = Digest(hex: hex) else {
            throw DecodingError.dataCorruptedError(
                forKey: .line, in: fields, debugDescription: "unreadable: \(hex)")
        }
        run = UnparsedRun(
            count: count, offset: try fields.decode(Int64.self, forKey: .offset), line: line,
            text: try fields.decode(String.self, forKey: .first))
    }
}
