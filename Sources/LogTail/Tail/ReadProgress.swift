internal import Checkpoint
internal import Syscalls

/// How far a generation was read, and by what it is known that its bytes are still what they were.
///
/// Each read starts up to 64 bytes early and compares: one system call finds new bytes, the end,
/// a truncation, and a file that was truncated and has grown past the position again. Lines often
/// end alike, so the first bytes of the file are compared as well.
///
/// A value, so that a copy of it can read ahead.
struct ReadProgress: Sendable {
    /// What a read found.
    enum Outcome: Equatable {
        /// New bytes; there may be more.
        case bytes(Int)
        /// Nothing new.
        case end
        /// The file is shorter than what was read of it, or holds other bytes there.
        case changed
        /// The file lost that many bytes that were not read yet.
        case shrunk(Int64)
        /// First bytes, which are not to be taken in yet.
        case withheld
    }

    /// Just past the last complete line, in bytes from the start of the generation.
    private(set) var offset: Int64

    /// Bytes of a line longer than the limit that were passed over so far; nil in any other line.
    private(set) var skipped: Int64?

    /// The most bytes the file was seen to have: an end before that is a truncation.
    private(set) var largestSize: Int64 = 0

    /// The last bytes before `offset`, at most `Fingerprint.tailBytes`.
    private var tail: [UInt8]
    /// What was read after `offset`: the beginning of a line, or the last bytes of a skipped one.
    private var pending: [UInt8] = []
    /// The head while it still grows, and once it is complete.
    private var head: [UInt8]
    private var completeHead: Fingerprint.Stretch?
    /// What the bytes before `offset` are known by.
    private(set) var fingerprint = Fingerprint.empty
    /// The first bytes, at most `Fingerprint.tailBytes`, as far as they were seen; they tell of a
    /// truncation before anything was read.
    private var beginning: [UInt8]
    /// Where the tail was what it was, on the way to `offset`.
    private(set) var trail: Trail

    /// Nothing was read yet.
    init() {
        self.init(offset: 0, head: [], tail: [], Trail())
    }

    /// All before `offset` was read, which must be just past a newline or at the start; nil where
    /// the file has become shorter than that.
    init?(
        upTo offset: Int64, of source: any ByteSource, _ trail: Trail
    ) throws(SystemCallError) {
        let headLength = Int(min(Int64(Fingerprint.headBytes), offset))
        let head = try source.bytes(at: 0, length: headLength)
        let tailLength = Int(min(Int64(Fingerprint.tailBytes), offset))
        let tail = try source.bytes(at: offset - Int64(tailLength), length: tailLength)
        guard head.count == headLength, tail.count == tailLength else { return nil }
        self.init(offset: offset, head: head, tail: tail, trail)
    }

    private init(offset: Int64, head: [UInt8], tail: [UInt8], _ trail: Trail) {
        self.offset = offset
        self.head = head
        self.tail = tail
        self.trail = trail.cut(to: offset)
        beginning = Array(head.prefix(Fingerprint.tailBytes))
        if head.count == Fingerprint.headBytes { completeHead = .init(of: head) }
        if offset > 0 { mark() }
    }

    /// Bytes of an unfinished line at the end of what was read.
    var unfinishedBytes: Int64 { skipped ?? Int64(pending.count) }

    /// Where the next read begins.
    var readOffset: Int64 { offset + unfinishedBytes }

    /// Takes note of the file's size, and of its first bytes.
    mutating func noteSize(_ size: Int64, of source: any ByteSource) throws(SystemCallError) {
        guard source.isLive else { return }
        largestSize = max(largestSize, size)
        let length = Int(min(size, Int64(Fingerprint.tailBytes)))
        guard length > beginning.count else { return }
        let first = try source.bytes(at: 0, length: length)
        if first.starts(with: beginning) { beginning = first }
    }

    /// Bytes that the file was seen to have beyond the last complete line.
    var unreadBytes: Int64 { max(unfinishedBytes, largestSize - offset) }

    /// Whether the file still holds what was read of it last, and its first bytes.
    func isIntact(in source: any ByteSource) throws(SystemCallError) -> Bool {
        guard source.isLive else { return true }
        let read = skipped == nil ? tail + pending : pending
        let last = Array(read.suffix(Fingerprint.tailBytes))
        let start = readOffset - Int64(last.count)
        guard try source.bytes(at: start, length: last.count) == last else { return false }
        return try source.bytes(at: 0, length: beginning.count) == beginning
    }

    /// Loads the next block into `buffer` and says what it is; nothing of it is taken in yet.
    mutating func load(
        _ source: any ByteSource, _ buffer: inout LineBuffer
    ) throws(SystemCallError) -> Outcome {
        let carried = carried
        buffer.load(skipped == nil ? [tail, pending] : [pending])
        let overlap = source.isLive ? min(carried, Fingerprint.tailBytes) : 0
        let start = readOffset - Int64(overlap)
        try buffer.fill(from: carried - overlap) { (room, range) throws(SystemCallError) in
            try source.read(into: &room, range, at: start)
        }
        let bytes = buffer.storage.span.extracting(0..<buffer.count)
        guard bytes.count >= carried, isUnchanged(bytes, carried, overlap) else {
            return .changed
        }
        if source.isLive, try source.bytes(at: 0, length: beginning.count) != beginning {
            return .changed
        }
        guard bytes.count > carried else {
            let lost = max(0, largestSize - readOffset)
            largestSize -= lost
            return lost > 0 ? .shrunk(lost) : .end
        }
        return .bytes(bytes.count - carried)
    }

    /// Takes in the block that was loaded, and calls `body` with every line of interest in it and
    /// where the line starts in the generation. Lines longer than `limit` bytes go to `oversized`
    /// instead.
    mutating func takeIn(
        _ buffer: borrowing LineBuffer, of source: any ByteSource, _ scanner: LineScanner,
        limit: Int, oversized: (_ start: Int64, _ bytes: Int64) -> Void,
        _ body: (_ line: Span<UInt8>, _ start: Int64) -> Void
    ) throws(SystemCallError) {
        let carried = carried
        try noteSize(readOffset + Int64(buffer.count - carried), of: source)
        let bytes = buffer.storage.span.extracting(0..<buffer.count)
        consume(bytes, carried, scanner, source, limit, oversized, body)
    }

    /// Bytes that are kept of what was read, and that the next block begins with.
    private var carried: Int { skipped == nil ? tail.count + pending.count : pending.count }

    /// Compares the overlap that was read again with what was read before.
    private func isUnchanged(_ bytes: Span<UInt8>, _ carried: Int, _ overlap: Int) -> Bool {
        for index in carried - overlap..<carried {
            let fromEnd = carried - index
            let before =
                fromEnd <= pending.count
                ? pending[pending.count - fromEnd]
                : tail[tail.count - (fromEnd - pending.count)]
            if bytes[index] != before { return false }
        }
        return true
    }

    private mutating func consume(
        _ bytes: Span<UInt8>, _ carried: Int, _ scanner: LineScanner, _ source: any ByteSource,
        _ limit: Int, _ oversized: (Int64, Int64) -> Void, _ body: (Span<UInt8>, Int64) -> Void
    ) {
        var lineStart = skipped == nil ? tail.count : carried
        guard
            let firstNewline = ByteSearch.first(LineScanner.newline, in: bytes, from: carried),
            let lastNewline = ByteSearch.last(
                LineScanner.newline, in: bytes, before: bytes.count)
        else {
            keepUnfinished(bytes, from: lineStart, limit)
            return
        }
        let firstLength = Int64(firstNewline - lineStart) + (skipped ?? 0)
        if firstLength > Int64(limit) {
            oversized(offset, firstLength)
            moveOffset(to: offset + firstLength + 1, bytes, upTo: firstNewline + 1, in: source)
            lineStart = firstNewline + 1
        }
        let base = offset - Int64(lineStart)
        let needsEveryLength = limit < LineBuffer.blockBytes
        let lines = needsEveryLength ? LineScanner(marker: nil) : scanner
        lines.forEachLine(in: bytes, from: lineStart, to: lastNewline + 1) { range in
            if range.count > limit {
                oversized(base + Int64(range.lowerBound), Int64(range.count))
            } else if !needsEveryLength || scanner.accepts(bytes.extracting(range)) {
                body(bytes.extracting(range), base + Int64(range.lowerBound))
            }
        }
        moveOffset(to: base + Int64(lastNewline + 1), bytes, upTo: lastNewline + 1, in: source)
        pending.removeAll(keepingCapacity: false)
        keepUnfinished(bytes, from: lastNewline + 1, limit)
    }

    /// Remembers the beginning of a line; of one beyond the limit only what the next read needs
    /// to recognise the file.
    private mutating func keepUnfinished(_ bytes: Span<UInt8>, from start: Int, _ limit: Int) {
        let length = bytes.count - start
        if let before = skipped {
            skipped = before + Int64(length)
        } else if length > limit {
            skipped = Int64(length)
        }
        let kept = skipped == nil ? length : min(bytes.count, Fingerprint.tailBytes)
        pending = bytes.extracting(last: kept).copied
    }

    /// Moves past complete lines; `end` is where they end in `bytes`.
    private mutating func moveOffset(
        to newOffset: Int64, _ bytes: Span<UInt8>, upTo end: Int, in source: any ByteSource
    ) {
        growHead(bytes, upTo: end, newOffset, source)
        offset = newOffset
        skipped = nil
        tail = bytes.extracting(max(0, end - Fingerprint.tailBytes)..<end).copied
        mark()
    }

    /// Adds the offset to the trail. Lines often end alike, so near the beginning a mark stands
    /// for all bytes before it; further on the head stands beside it.
    private mutating func mark() {
        fingerprint = Fingerprint(head: completeHead ?? .init(of: head), tail: .init(of: tail))
        trail.add(
            offset, offset <= Int64(Fingerprint.headBytes) ? fingerprint.head : fingerprint.tail)
    }

    private mutating func growHead(
        _ bytes: Span<UInt8>, upTo end: Int, _ newOffset: Int64, _ source: any ByteSource
    ) {
        guard completeHead == nil else { return }
        let before = head.count
        let wanted = Int(min(Int64(Fingerprint.headBytes), newOffset))
        let first = end - Int(newOffset - Int64(before))
        if first >= 0 {
            for index in first..<first + (wanted - before) { head.append(bytes[index]) }
        } else {
            // Only an oversized first line leaves the block before the head is complete.
            head = (try? source.bytes(at: 0, length: wanted)) ?? head
        }
        // In the head every line end is marked, so that a copy of a log that was small is told
        // from another small log.
        for index in before..<head.count where head[index] == LineScanner.newline {
            trail.add(Int64(index) + 1, .init(of: Array(head[...index])))
        }
        if head.count == Fingerprint.headBytes {
            completeHead = .init(of: head)
            head = []
        }
    }
}

extension LineScanner {
    /// Whether a line is of interest.
    func accepts(_ line: Span<UInt8>) -> Bool {
        marker.map { ByteSearch.first($0, in: line, from: 0) != nil } ?? true
    }
}

extension Span<UInt8> {
    /// The bytes in an array of their own.
    var copied: [UInt8] {
        var copy: [UInt8] = []
        // Adding nothing writes the count of the empty array that all threads share.
        guard !isEmpty else { return copy }
        copy.append(addingCapacity: count) { output in
            for index in indices { output.append(self[index]) }
        }
        return copy
    }
}
