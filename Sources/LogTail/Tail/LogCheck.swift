public import Observers
public import Syscalls

/// Reads a log with an observer from its first byte and records nothing: what the observer would
/// make of each line, counted. Compressed logs are read too; memory does not grow with the log.
///
/// ```swift
/// let check = try LogCheck(path: "/var/log/proxy.log", observer: observer, zone: .utc) { line in
///     print("line \(line.number): \(line.reason)")
/// }
/// check.unparsed  // 0
/// ```
public struct LogCheck: Sendable {
    /// Lines that are observations.
    public private(set) var matched: Int64 = 0
    /// Lines with the marker that do not parse.
    public private(set) var unparsed: Int64 = 0
    /// Well-formed lines with the marker that carry no latency.
    public private(set) var irrelevant: Int64 = 0
    /// Lines without the marker, and lines that are too long.
    public private(set) var ignored: Int64 = 0
    /// The earliest time that a line carries.
    public private(set) var firstTimestamp: Timestamp?
    /// The latest time that a line carries.
    public private(set) var lastTimestamp: Timestamp?
    /// Why the log was not read to its end: a damaged archive; nil where it was.
    public private(set) var damage: String?

    /// A line with the marker that does not parse.
    public struct UnparsedLine: Sendable {
        /// Its number in the log, from 1.
        public let number: Int64
        /// Why it does not parse.
        public let reason: String
        /// Its first ``sampleBytes`` bytes, repaired to valid UTF-8.
        public let text: String

        /// Enough to recognise a line by.
        public static let sampleBytes = 200
    }

    /// Checks the log at `path`; `onUnparsed` is called with each line that does not parse.
    ///
    /// The last line counts also where its newline is still missing.
    public init(
        path: String, observer: any LineObserver.Type, zone: Zone,
        maximumLineBytes: Int = TailConfiguration.standardLineBytes,
        onUnparsed: (UnparsedLine) -> Void
    ) throws(SystemCallError) {
        let source = try openLog(path)
        let status = try source.status()
        try status.requireRegular(path)
        let reader = GenerationReader(source, status.identity, path: path)
        let marked = LineScanner(marker: observer.descriptor.marker)
        var observer = observer.init(ObserverOptions(zone: zone))
        var buffer = LineBuffer()
        var observation = Observation()
        var number: Int64 = 0
        var check = LogCheck()

        func count(_ line: Span<UInt8>) {
            number += 1
            guard marked.accepts(line) else {
                check.ignored += 1
                return
            }
            observation.clear()
            if let reason = check.count(observer.observe(line, into: &observation)) {
                let sample = line.extracting(first: UnparsedLine.sampleBytes).copied
                onUnparsed(
                    UnparsedLine(
                        number: number, reason: "\(reason)",
                        text: String(decoding: sample, as: UTF8.self)))
            }
        }
        while case .bytes = try reader.read(
            &buffer, LineScanner(marker: nil), limit: maximumLineBytes,
            oversized: { _, _ in
                number += 1
                check.ignored += 1
            }, { line, _ in count(line) })
        {}
        if reader.unfinishedBytes > Int64(maximumLineBytes) {
            check.ignored += 1
        } else if reader.unfinishedBytes > 0 {
            let last = try source.bytes(at: reader.offset, length: Int(reader.unfinishedBytes))
            count(last.span)
        }
        check.damage = (source as? GzipReader)?.damage
        self = check
    }

    private init() {}

    /// Counts a line with the marker; the reason where it does not parse.
    private mutating func count(_ reading: Reading) -> StaticString? {
        if let timestamp = reading.timestamp {
            firstTimestamp = min(firstTimestamp ?? timestamp, timestamp)
            lastTimestamp = max(lastTimestamp ?? timestamp, timestamp)
        }
        switch reading.outcome {
        case .observation: matched += 1
        case .irrelevant: irrelevant += 1
        case .unparsed(let reason):
            unparsed += 1
            return reason
        }
        return nil
    }
}

extension GzipReader {
    /// Why the archive cannot be read to its end, once that is known.
    fileprivate var damage: String? {
        if mayGrow { giveUp() }
        return takeFailure()
    }
}
