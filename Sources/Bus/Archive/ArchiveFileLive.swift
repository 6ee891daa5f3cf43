internal import Syscalls

/// The file that is written now, open. Nothing here is called without the archive's lock.
final class ArchiveFileLive {
    /// How every event's line begins (``EventLine``).
    private static let lineStart = Array(#"{"seq":"#.utf8)

    /// Bytes of the file, as far as this process knows.
    private(set) var size: Int64
    /// True while something in it may not be on the disk, by whoever it was written.
    private(set) var isDirty: Bool
    private let path: String
    private let file: FileDescriptor
    private let opened: FileStatus

    /// Opens the file at `path`, or makes an empty one.
    init(path: String) throws(SystemCallError) {
        self.path = path
        // Opening a FIFO or a device could have effects of its own.
        try FileStatus(path: path)?.requireRegular(path)
        file = try FileDescriptor(openingToAppend: path)
        opened = try FileStatus(of: file)
        try opened.requireRegular(path)
        size = opened.size
        // A process that was killed had no time to sync.
        isDirty = size > 0
        // A new file's name is to be there after a power cut.
        if size == 0 { try Folder.sync(Folder.parent(of: path)) }
    }

    /// Whether it is the file that was found at the path.
    func isSame(as status: FileStatus?) -> Bool {
        status.map(opened.isSameFile) ?? false
    }

    /// Looks at the size again, and repairs what a writer left that was killed in its last line:
    /// an event's line that has no end is cut off, since its database writes it again; anything
    /// else is not ours to remove, and is given an end.
    func refresh() throws(SystemCallError) {
        size = try FileStatus(of: file).size
        guard size > 0, try bytes(size - 1..<size) != [UInt8(ascii: "\n")] else { return }
        let window = max(0, size - Int64(EventLine.maximumBytes))..<size
        let tail = try bytes(window)
        let lineBreak = tail.lastIndex(of: UInt8(ascii: "\n"))
        let torn = tail[(lineBreak.map { $0 + 1 } ?? 0)...]
        let isWhole = lineBreak != nil || window.lowerBound == 0
        if isWhole, torn.prefix(Self.lineStart.count) == Self.lineStart.prefix(torn.count) {
            size -= Int64(torn.count)
            try file.truncate(to: size)
        } else {
            try append([UInt8(ascii: "\n")])
        }
    }

    /// Appends a line with one write. Where only some of it could be written, the rest is tried
    /// too, and what cannot be completed is taken back.
    func append(_ line: [UInt8]) throws(SystemCallError) {
        isDirty = true
        do {
            try file.writeAll(line.span)
        } catch {
            // Where this fails too, whoever takes the lock next repairs it.
            try? file.truncate(to: size)
            throw error
        }
        size += Int64(line.count)
    }

    /// Waits until all that was written is on the disk.
    func sync() throws(SystemCallError) {
        guard isDirty else { return }
        try file.syncData()
        isDirty = false
    }

    /// The last event whose line begins at or after `offset`; nil where there is none.
    func lastEvent(from offset: Int64) throws(SystemCallError) -> ArchiveFileLedger.Mark? {
        // The longest line, and the line break before it.
        let start = max(offset, size - Int64(EventLine.maximumBytes) - 1)
        guard start < size else { return nil }
        var lines = try bytes(start..<size).split(
            separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        // What the window cuts in two is no line.
        if start > offset { lines.removeFirst() }
        for line in lines.reversed() {
            if let mark = Self.mark(line) { return mark }
        }
        return nil
    }

    /// The `seq` and `key` of an event's line, which come first in it.
    private static func mark(_ line: ArraySlice<UInt8>) -> ArchiveFileLedger.Mark? {
        guard line.starts(with: lineStart) else { return nil }
        let afterStart = line.dropFirst(lineStart.count)
        let digits = afterStart.prefix { $0 != UInt8(ascii: ",") }
        let keyStart = Array(#","key":""#.utf8)
        let afterDigits = afterStart.dropFirst(digits.count)
        guard let seq = Int64(String(decoding: digits, as: UTF8.self)),
            afterDigits.starts(with: keyStart)
        else { return nil }
        let key = afterDigits.dropFirst(keyStart.count).prefix { $0 != UInt8(ascii: "\"") }
        return ArchiveFileLedger.Mark(seq: seq, key: String(decoding: key, as: UTF8.self))
    }

    private func bytes(_ range: Range<Int64>) throws(SystemCallError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: Int(range.upperBound - range.lowerBound))
        let count = try file.read(into: &bytes, 0..<bytes.count, at: range.lowerBound)
        return Array(bytes.prefix(count))
    }
}
