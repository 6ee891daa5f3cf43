internal import Syscalls

/// What is to be read ahead: a file, from where its reading stands.
struct Errand: Sendable {
    /// Bytes left to read from which on it is worth a thread.
    private static let worthwhileBytes: Int64 = 4 * 1_024 * 1_024

    let file: PlainFile
    var progress: ReadProgress
    let scanner: LineScanner
    /// Bytes of a line at the most.
    let limit: Int

    init(_ file: PlainFile, _ progress: ReadProgress, _ scanner: LineScanner, limit: Int) {
        self.file = file
        self.progress = progress
        self.scanner = scanner
        self.limit = limit
    }

    /// True where much is left to be read.
    var isWorthwhile: Bool {
        guard let size = try? file.status().size else { return false }
        return size - progress.readOffset >= Self.worthwhileBytes
    }
}

/// The lines of interest in a stretch of a log that was read ahead, copied out of it.
///
/// They are far fewer than the bytes they were found in, so that little goes from one processor
/// to the other.
struct LinesAhead: Sendable {
    /// Bytes kept of the log, and bytes read of it, with which a stretch is long enough.
    private static let enoughBytes = 128 * 1_024
    private static let enoughOfLog: Int64 = 2 * 1_024 * 1_024

    private struct Line {
        let start: Int64
        let length: Int64
        let isOversized: Bool
    }

    private var bytes: [UInt8] = []
    private var lines: [Line] = []

    /// Where in the log the stretch begins.
    private var start: Int64 = 0

    /// How far the log was read.
    private(set) var progress = ReadProgress()

    /// Bytes kept. A line that is empty takes room too.
    private var size: Int { bytes.count + lines.count * MemoryLayout<Line>.stride }

    /// True where nothing was read.
    var isEmpty: Bool { progress.readOffset == start }

    /// Reads the stretch that comes next, and moves the errand past it; false where the file has
    /// no whole block any more, or another outcome, which whoever takes the lines will meet: a
    /// block that is not whole tells that the file ended then, and it may have grown since.
    mutating func fill(for errand: inout Errand, _ buffer: inout LineBuffer) -> Bool {
        bytes.removeAll(keepingCapacity: true)
        lines.removeAll(keepingCapacity: true)
        progress = errand.progress
        start = progress.readOffset
        defer { errand.progress = progress }
        let end = start + Self.enoughOfLog
        while size < Self.enoughBytes, progress.readOffset < end {
            var next = progress
            guard case .bytes(let count)? = try? next.load(errand.file, &buffer),
                count == LineBuffer.blockBytes, (try? takeIn(buffer, errand, &next)) != nil
            else { return false }
            progress = next
        }
        return true
    }

    private mutating func takeIn(
        _ buffer: LineBuffer, _ errand: Errand, _ next: inout ReadProgress
    ) throws(SystemCallError) {
        try next.takeIn(
            buffer, of: errand.file, errand.scanner, limit: errand.limit,
            oversized: { start, length in
                lines.append(Line(start: start, length: length, isOversized: true))
            },
            { line, start in
                // SAFETY: the bytes are copied while the line is there.
                unsafe line.withUnsafeBufferPointer { unsafe bytes.append(contentsOf: $0) }
                lines.append(Line(start: start, length: Int64(line.count), isOversized: false))
            })
    }

    /// Calls `body` with every line and where it starts in the generation, `oversized` with those
    /// that were too long, in their order.
    func forEachLine(
        oversized: (_ start: Int64, _ bytes: Int64) -> Void,
        _ body: (_ line: Span<UInt8>, _ start: Int64) -> Void
    ) {
        var position = 0
        for line in lines {
            guard !line.isOversized else {
                oversized(line.start, line.length)
                continue
            }
            let end = position + Int(line.length)
            body(bytes.span.extracting(position..<end), line.start)
            position = end
        }
    }
}
