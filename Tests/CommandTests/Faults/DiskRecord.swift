import Foundation

/// What a program has written to some files and when it waited for the disk, as strace recorded
/// it: from this follows what a power cut could have left at any moment.
struct DiskRecord {
    /// A change that the disk may not have yet.
    enum Change {
        case write(offset: Int, [UInt8])
        case truncate(size: Int)
    }

    private enum Call {
        case change(file: String, Change)
        case sync(file: String)

        /// The call, one for each sector where it writes several: a power cut may come in between.
        var sectors: [Call] {
            guard case .change(let file, .write(let offset, let bytes)) = self else {
                return [self]
            }
            var pieces: [Call] = []
            var start = 0
            while start < bytes.count {
                let end = min(
                    bytes.count, start + sectorBytes - (offset + start) % sectorBytes)
                let piece = Array(bytes[start..<end])
                pieces.append(.change(file: file, .write(offset: offset + start, piece)))
                start = end
            }
            return pieces
        }
    }

    private let calls: [Call]

    /// Bytes that a disk writes as a whole, which begin at a multiple of them.
    private static let sectorBytes = 4_096

    /// Reads what ``Strace/recordBytes(of:to:)`` wrote.
    init(_ file: String) throws {
        let text = try Data(contentsOf: URL(fileURLWithPath: file))
        calls = text.split(separator: UInt8(ascii: "\n"))
            .compactMap { Self.call(Array($0)) }.flatMap { $0.sectors }
    }

    /// How many bytes were written at a time, where the record was made of one file.
    static func writeSizes(_ file: String) throws -> [Int] {
        let text = try Data(contentsOf: URL(fileURLWithPath: file))
        return text.split(separator: UInt8(ascii: "\n")).compactMap { line in
            guard case .change(_, .write(_, let bytes)) = call(Array(line)) else { return nil }
            return bytes.count
        }
    }

    /// How often the program waited for the disk.
    var syncs: Int {
        calls.count {
            if case .sync = $0 { true } else { false }
        }
    }

    /// The files as a power cut just before the end of a wait leaves them. Of what no wait was for,
    /// the disk has what `isKept` says.
    func files(beforeSync number: Int, _ isKept: (Change) -> Bool) -> [String: [UInt8]] {
        var files: [String: [UInt8]] = [:]
        var pending: [String: [Change]] = [:]
        var left = number
        for call in calls {
            switch call {
            case .change(let file, let change):
                pending[file, default: []].append(change)
            case .sync(let file):
                if left == 0 {
                    for (file, changes) in pending {
                        Self.apply(changes.filter(isKept), to: &files[file, default: []])
                    }
                    return files
                }
                left -= 1
                Self.apply(pending.removeValue(forKey: file) ?? [], to: &files[file, default: []])
            }
        }
        return files
    }

    private static func apply(_ changes: [Change], to bytes: inout [UInt8]) {
        for change in changes {
            switch change {
            case .truncate(let size):
                bytes = bytes.prefix(size) + Array(repeating: 0, count: max(0, size - bytes.count))
            case .write(let offset, let written):
                let end = offset + written.count
                if bytes.count < end {
                    bytes += Array(repeating: 0, count: end - bytes.count)
                }
                bytes.replaceSubrange(offset..<end, with: written)
            }
        }
    }

    // MARK: Reading

    /// A line such as `71 pwrite64(5<\x2f…>, "\x00…", 24, 32) = 24`.
    private static func call(_ line: [UInt8]) -> Call? {
        guard let open = line.firstIndex(of: UInt8(ascii: "(")),
            let pathStart = line.firstIndex(of: UInt8(ascii: "<")), pathStart > open,
            let pathEnd = line.firstIndex(of: UInt8(ascii: ">"))
        else { return nil }
        let words = line[..<open].split(separator: UInt8(ascii: " "))
            .map { String(decoding: $0, as: UTF8.self) }
        // Of a thread that ended meanwhile there may be `71 ???( <unfinished ...>`.
        guard words.count == 2, words[1] != "???" else { return nil }
        let path = unescaped(line[(pathStart + 1)..<pathEnd])
        let file = String(decoding: path, as: UTF8.self)
        switch words[1] {
        case "fsync", "fdatasync": return .sync(file: file)
        case "ftruncate":
            return numbers(line[pathEnd...]).first.map {
                .change(file: file, .truncate(size: $0))
            }
        case "pwrite64":
            let rest = line[pathEnd...]
            guard let first = rest.firstIndex(of: UInt8(ascii: "\"")),
                let last = rest.lastIndex(of: UInt8(ascii: "\"")), first < last
            else { return nil }
            let after = numbers(line[last...])
            guard after.count >= 2 else { return nil }
            let bytes = unescaped(line[(first + 1)..<last])
            return .change(file: file, .write(offset: after[1], bytes))
        default: return nil
        }
    }

    private static func numbers(_ text: ArraySlice<UInt8>) -> [Int] {
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        return text.split { !digits.contains($0) }
            .compactMap { Int(String(decoding: $0, as: UTF8.self)) }
    }

    /// The bytes behind `\x` and two digits each.
    private static func unescaped(_ text: ArraySlice<UInt8>) -> [UInt8] {
        stride(from: text.startIndex, to: text.endIndex - 3, by: 4).map { index in
            digit(text[index + 2]) << 4 | digit(text[index + 3])
        }
    }

    private static func digit(_ character: UInt8) -> UInt8 {
        character < UInt8(ascii: "a") ? character - UInt8(ascii: "0") : character - 87
    }
}
