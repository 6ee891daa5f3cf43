internal import Checkpoint
internal import Syscalls

/// Reads one generation from a position on, line by line: by itself, or what was read ahead.
final class GenerationReader {
    typealias Outcome = ReadProgress.Outcome

    let source: any ByteSource
    let identity: FileIdentity

    /// Where the file was found; for messages, since files are renamed.
    let path: String

    private var progress: ReadProgress
    /// How a live file looked just before bytes of it were read, which showed that it still holds
    /// what was read before; nil once it was asked for.
    private var statusAtRead: FileStatus?

    /// A reader of a generation from its first byte.
    init(_ source: any ByteSource, _ identity: FileIdentity, path: String) {
        self.source = source
        self.identity = identity
        self.path = path
        progress = ReadProgress()
    }

    /// A reader from `offset` on, which must be just past a newline or at the start. Fails as for a
    /// missing file where it has become shorter than that.
    init(
        _ source: any ByteSource, _ identity: FileIdentity, path: String,
        startingAt offset: Int64, _ trail: Trail = Trail()
    ) throws(SystemCallError) {
        self.source = source
        self.identity = identity
        self.path = path
        guard let progress = try ReadProgress(upTo: offset, of: source, trail) else {
            throw SystemCallError(missing: path)
        }
        self.progress = progress
    }

    /// Just past the last complete line, in bytes from the start of the generation.
    var offset: Int64 { progress.offset }

    /// Bytes of an unfinished line at the end of what was read.
    var unfinishedBytes: Int64 { progress.unfinishedBytes }

    /// Bytes that the file was seen to have beyond the last complete line.
    var unreadBytes: Int64 { progress.unreadBytes }

    /// The most bytes the file was seen to have: an end before that is a truncation.
    var largestSize: Int64 { progress.largestSize }

    /// Where the tail was what it was, on the way to `offset`.
    var trail: Trail { progress.trail }

    /// The position just past the last complete line.
    var position: Position {
        Position(identity: identity, offset: offset, fingerprint: progress.fingerprint)
    }

    /// Takes note of the file's size, and of its first bytes.
    func noteSize(_ size: Int64) throws(SystemCallError) {
        try progress.noteSize(size, of: source)
    }

    /// Whether the file still holds what was read of it last, and its first bytes.
    func isIntact() throws(SystemCallError) -> Bool {
        try progress.isIntact(in: source)
    }

    /// How the file looks now, and whether it still holds what was read of it last and its first
    /// bytes.
    func look() throws(SystemCallError) -> (status: FileStatus, isIntact: Bool) {
        statusAtRead = nil
        // A status that is older than what is compared belongs to it, a younger one may not.
        let status = try source.status()
        return (status, try isIntact())
    }

    /// The same as far as reading has told since the last look.
    func lookSinceRead() throws(SystemCallError) -> (status: FileStatus, isIntact: Bool) {
        guard let status = statusAtRead else { return try look() }
        statusAtRead = nil
        return (status, true)
    }

    /// Whether the file holds bytes that were not read.
    func hasMore() throws(SystemCallError) -> Bool {
        guard source.isLive else { return false }
        return try source.status().size > progress.readOffset
    }

    /// True where the last read reached what was the end of a live file just before it. A read that
    /// is cut short by a bad sector did not.
    var hasReachedEnd: Bool {
        statusAtRead.map { progress.readOffset >= $0.size } ?? false
    }

    /// Reads on and calls `body` with every line of interest and where the line starts in the
    /// generation. Lines longer than `limit` bytes go to `oversized` instead. Until the first
    /// line is complete, bytes are read, then `admit` is asked, and only then are they taken in:
    /// what it finds out holds for them.
    func read(
        _ buffer: inout LineBuffer, _ scanner: LineScanner, limit: Int,
        admit: () throws(SystemCallError) -> Bool = { true },
        oversized: (_ start: Int64, _ bytes: Int64) -> Void,
        _ body: (_ line: Span<UInt8>, _ start: Int64) -> Void
    ) throws(SystemCallError) -> Outcome {
        let before = progress.readOffset
        if let lines = buffer.linesAhead(of: source, at: before) {
            // What can fail comes first: lines that were handed out were read.
            var next = lines.progress
            try next.noteSize(progress.largestSize, of: source)
            lines.forEachLine(oversized: oversized, body)
            progress = next
            statusAtRead = nil
            return .bytes(Int(progress.readOffset - before))
        }
        let status = source.isLive ? try? source.status() : nil
        let outcome = try progress.load(source, &buffer)
        guard case .bytes(let count) = outcome else { return outcome }
        if offset == 0, try !admit() { return .withheld }
        try progress.takeIn(
            buffer, of: source, scanner, limit: limit, oversized: oversized, body)
        statusAtRead = status
        if count >= LineBuffer.blockBytes, offset > 0, let file = source as? PlainFile {
            buffer.readAhead(Errand(file, progress, scanner, limit: limit))
        }
        return outcome
    }
}
