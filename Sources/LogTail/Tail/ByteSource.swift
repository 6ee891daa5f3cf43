internal import Checkpoint
internal import Syscalls

/// The bytes of one generation, plain or decompressed.
protocol ByteSource: AnyObject {
    /// Reads at `offset` into a range of `bytes`; 0 at the end. An archive is read forwards, and starts over where
    /// `offset` lies before what was read last.
    func read(
        into bytes: inout [UInt8], _ range: Range<Int>, at offset: Int64
    ) throws(SystemCallError) -> Int

    /// True where the bytes can still change: a file that may grow, shrink or be overwritten.
    var isLive: Bool { get }

    /// The number of the open file, for a watch on the very inode.
    var descriptorNumber: Int32 { get }

    /// What the file system says of the file now.
    func status() throws(SystemCallError) -> FileStatus
}

extension ByteSource {
    /// Whether the bytes before `position` are those that its fingerprint was taken of.
    func holds(_ position: Position) throws(SystemCallError) -> Bool {
        let head = position.fingerprint.head
        let first = try bytes(at: 0, length: head.length)
        guard Fingerprint.Stretch(of: first) == head else { return false }
        let tail = position.fingerprint.tail
        guard position.offset >= Int64(tail.length) else { return false }
        let last = try bytes(at: position.offset - Int64(tail.length), length: tail.length)
        return Fingerprint.Stretch(of: last) == tail
    }

    /// The bytes from `offset` on, fewer than `length` at the end.
    func bytes(at offset: Int64, length: Int) throws(SystemCallError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: length)
        var count = 0
        while count < length {
            let read = try read(into: &bytes, count..<length, at: offset + Int64(count))
            guard read > 0 else { break }
            count += read
        }
        bytes.removeLast(length - count)
        return bytes
    }
}

extension ByteSource {
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

/// A log as it lies on the disk.
final class PlainFile: ByteSource {
    /// The open file; it keeps the inode alive whatever happens to its names.
    private let descriptor: FileDescriptor

    init(_ descriptor: consuming FileDescriptor) {
        self.descriptor = descriptor
    }

    var isLive: Bool { true }

    var descriptorNumber: Int32 { descriptor.number }

    func read(
        into bytes: inout [UInt8], _ range: Range<Int>, at offset: Int64
    ) throws(SystemCallError) -> Int {
        try descriptor.read(into: &bytes, range, at: offset)
    }

    func status() throws(SystemCallError) -> FileStatus {
        try FileStatus(of: descriptor)
    }
}

extension FileStatus {
    /// The identity of the file.
    var identity: FileIdentity {
        FileIdentity(device: device, inode: inode, birth: birth)
    }
}
