internal import Checkpoint
internal import Syscalls

/// What the bytes of a file say about which generation it is.
extension ByteSource {
    /// The bytes from `offset` on, fewer than `length` at the end.
    func bytes(at offset: Int64, length: Int) throws(SystemCallError) -> [UInt8] {
        guard length > 0 else { return [] }
        // An array made of a repeated value has the runtime look its type up.
        var bytes: [UInt8] = []
        bytes.append(addingCapacity: length) { $0.append(repeating: 0, count: length) }
        var count = 0
        while count < length {
            let read = try read(into: &bytes, count..<length, at: offset + Int64(count))
            guard read > 0 else { break }
            count += read
        }
        bytes.removeLast(length - count)
        return bytes
    }

    /// How many bytes there are; an archive is decompressed to its end for it.
    func length() throws(SystemCallError) -> Int64 {
        if isLive { return try status().size }
        var length: Int64 = 0
        while true {
            let count = try bytes(at: length, length: LineBuffer.blockBytes).count
            if count == 0 { return length }
            length += Int64(count)
        }
    }

    /// The position at `offset`, which must not lie beyond the end.
    func position(
        at offset: Int64, _ identity: FileIdentity
    ) throws(SystemCallError) -> Position {
        try GenerationReader(self, identity, path: "", startingAt: offset).position
    }

    /// Whether the bytes before `position` are those that its fingerprint was taken of.
    func holds(_ position: Position) throws(SystemCallError) -> Bool {
        let head = position.fingerprint.head
        let first = try bytes(at: 0, length: head.length)
        guard Fingerprint.Stretch(of: first) == head else { return false }
        return try holds(position.fingerprint.tail, before: position.offset)
    }

    /// Whether the bytes just before `offset` are that stretch.
    func holds(
        _ tail: Fingerprint.Stretch, before offset: Int64
    ) throws(SystemCallError) -> Bool {
        guard offset >= Int64(tail.length) else { return false }
        let last = try bytes(at: offset - Int64(tail.length), length: tail.length)
        return Fingerprint.Stretch(of: last) == tail
    }

    /// Just past the last newline, or 0: where a log is read from that only what comes later
    /// counts of. A line that is not finished yet is still to come.
    func endOfLastLine() throws(SystemCallError) -> Int64 {
        let blockBytes = LineBuffer.blockBytes
        if isLive {
            var end = try status().size
            while end > 0 {
                let start = max(0, end - Int64(blockBytes))
                let block = try bytes(at: start, length: Int(end - start))
                if let index = block.lastIndex(of: LineScanner.newline) {
                    return start + Int64(index) + 1
                }
                end = start
            }
            return 0
        }
        var offset: Int64 = 0
        var endOfLine: Int64 = 0
        while true {
            let block = try bytes(at: offset, length: blockBytes)
            if block.isEmpty { return endOfLine }
            if let index = block.lastIndex(of: LineScanner.newline) {
                endOfLine = offset + Int64(index) + 1
            }
            offset += Int64(block.count)
        }
    }
}
