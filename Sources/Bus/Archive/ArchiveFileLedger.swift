internal import Syscalls

/// The lock file of an archive, and what stands in it: how far each database has written.
///
/// Several processes append to one file; whoever holds the lock may. A process that is killed
/// between its last write and the moment its position is saved would write those events again. So
/// the holder notes where its writes begin, and afterwards which event was the last. Whoever takes
/// the lock next finds a note without an end, and completes it from the lines that are there.
///
/// It is text in records of ``recordBytes`` bytes, each rewritten in place: `logtail-archive 1`
/// with the start of the machine and the second of the newest archive; the note; then a record for
/// each database. After a power cut the file that is written may have lost what stands here, so
/// that nothing here counts in another start of the machine but that second.
final class ArchiveFileLedger {
    /// The last event that a database has written.
    struct Mark: Equatable, Sendable {
        let seq: Int64
        let key: String

        /// Keys have 32 digits; of anything else the beginning must do.
        init(seq: Int64, key: some StringProtocol) {
            self.seq = seq
            self.key = String(decoding: key.utf8.prefix(32), as: UTF8.self)
        }
    }

    /// The writes that the holder of the lock has begun.
    private struct Note {
        let writer: String
        let offset: Int64
    }

    /// A record, newline included: the longest has some 110.
    private static let recordBytes = 128
    private static let version = "logtail-archive 1"
    private static let idle = "idle"
    /// 9999-12-31T23:59:59Z, the last that a name has room for.
    private static let lastSecond: Int64 = 253_402_300_799

    private let path: String
    private let file: FileDescriptor
    /// The records, as they were read when the lock was taken.
    private var records: [String] = []

    /// Opens the ledger at `path`, or makes an empty one.
    init(path: String) throws(SystemCallError) {
        self.path = path
        file = try FileDescriptor(openingToUpdate: path)
    }

    /// Takes the lock and reads what stands here; false where another process holds the lock.
    func tryLock() throws(SystemCallError) -> Bool {
        guard try file.tryLock() else { return false }
        do {
            try read()
        } catch {
            unlock()
            throw error
        }
        return true
    }

    /// Gives the lock back.
    func unlock() {
        file.unlock()
    }

    /// Whether this still is the file that others open at the path.
    func isCurrent() throws(SystemCallError) -> Bool {
        guard let there = try FileStatus(path: path) else { return false }
        return try FileStatus(of: file).isSameFile(as: there)
    }

    /// The second in the name of the newest archive; 0 where there was none, or where what stands
    /// here is no second that a name can follow: others write to the file too.
    var newestSecond: Int64 {
        guard let second = fields(0).last.flatMap({ Int64($0) }), second >= 0,
            second < Self.lastSecond
        else { return 0 }
        return second
    }

    /// Keeps the second of an archive that is about to be named.
    func setNewestSecond(_ second: Int64) throws(SystemCallError) {
        try write(0, "\(Self.version) \(MachineStart.identifier) \(second)")
    }

    /// The last event that a database has written; nil where it is not known.
    func mark(of writer: String) -> Mark? {
        guard let index = index(of: writer) else { return nil }
        let fields = fields(index)
        guard fields.count == 3, let seq = Int64(fields[1]) else { return nil }
        return Mark(seq: seq, key: fields[2])
    }

    /// Where the writes began whose end is not noted; nil where all are.
    var unfinishedOffset: Int64? { note?.offset }

    /// Notes that a database writes from `offset` on.
    func begin(_ writer: String, at offset: Int64) throws(SystemCallError) {
        try write(1, "writing \(writer) \(offset)")
    }

    /// Notes the last event of the writes that began, nil where there was none, and their end.
    func end(_ mark: Mark?) throws(SystemCallError) {
        guard let note else { return }
        if let mark {
            try write(
                index(of: note.writer) ?? max(2, records.count),
                "\(note.writer) \(mark.seq) \(mark.key)")
        }
        try write(1, Self.idle)
    }

    private var note: Note? {
        let fields = fields(1)
        // A longer name than a database's digest is not from here, and a mark has no room for it.
        guard fields.count == 3, fields[0] == "writing", fields[1].utf8.count <= 32,
            let offset = Int64(fields[2])
        else { return nil }
        return Note(writer: String(fields[1]), offset: offset)
    }

    private func index(of writer: String) -> Int? {
        records.indices.dropFirst(2).first { fields($0).first == writer[...] }
    }

    private func fields(_ index: Int) -> [Substring] {
        index < records.count ? records[index].split(separator: " ") : []
    }

    private func read() throws(SystemCallError) {
        let size = Int(try FileStatus(of: file).size)
        var bytes = [UInt8](repeating: 0, count: size)
        let count = try file.read(into: &bytes, 0..<size, at: 0)
        records = stride(from: 0, to: count, by: Self.recordBytes).map { start in
            let record = bytes[start..<min(start + Self.recordBytes, count)]
            return String(decoding: record.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
        }
        // What a power cut left may be empty; anything else that is not ours is left alone.
        let isOurs = records.first.map { $0.hasPrefix("\(Self.version) ") } ?? true
        guard isOurs || bytes.allSatisfy({ $0 == 0 }) else {
            throw SystemCallError(notOurs: "use \(path) as its lock")
        }
        let head = "\(Self.version) \(MachineStart.identifier) "
        guard records.first?.hasPrefix(head) != true else { return }
        let second = newestSecond
        records = []
        try file.truncate(to: 0)
        try setNewestSecond(second)
        try write(1, Self.idle)
    }

    private func write(_ index: Int, _ text: String) throws(SystemCallError) {
        let padding = String(repeating: " ", count: Self.recordBytes - 1 - text.utf8.count)
        let record = Array("\(text)\(padding)\n".utf8)
        try file.writeAll(record.span, at: Int64(index * Self.recordBytes))
        if index < records.count { records[index] = text } else { records.append(text) }
    }
}
