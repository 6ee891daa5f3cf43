import Checkpoint
import Syscalls

@testable import LogTail

/// What is read of a log that grows in steps, beside what lies in it as a whole.
enum LineReading {
    private static let marker = "ab"

    /// A line of interest, or one that is too long.
    private struct Line: Equatable {
        let start: Int64
        let bytes: [UInt8]
        let isOversized: Bool
    }

    /// The first byte of the input says how the log grows, the second how long a line may be.
    static func finding(in input: [UInt8]) -> String? {
        guard input.count > 2 else { return nil }
        let log = Array(input.dropFirst(2))
        let limit = input[1] < 128 ? Int(input[1]) + 1 : 1 << 20
        let step = max(Int(input[0]), log.count / 32, 1)
        do throws(SystemCallError) {
            let found = try read(log, step: step, limit: limit)
            return found == expected(log, limit: limit) ? nil : "lines differ"
        } catch {
            return error.description
        }
    }

    private static func read(
        _ log: [UInt8], step: Int, limit: Int
    ) throws(SystemCallError) -> [Line] {
        let source = GrowingBytes(log)
        let reader = GenerationReader(
            source, FileIdentity(device: 1, inode: 1, birth: nil), path: "log")
        let scanner = LineScanner(marker: marker)
        var buffer = LineBuffer()
        var lines: [Line] = []
        while source.visible < log.count {
            source.visible = min(log.count, source.visible + step)
            var outcome = GenerationReader.Outcome.bytes(0)
            while case .bytes = outcome {
                outcome = try reader.read(
                    &buffer, scanner, limit: limit,
                    oversized: { start, length in
                        lines.append(
                            Line(
                                start: start, bytes: [UInt8](repeating: 0, count: Int(length)),
                                isOversized: true))
                    },
                    { line, start in
                        lines.append(Line(start: start, bytes: line.copied, isOversized: false))
                    })
            }
        }
        return lines
    }

    private static func expected(_ log: [UInt8], limit: Int) -> [Line] {
        var lines: [Line] = []
        var start = 0
        while let newline = log[start...].firstIndex(of: UInt8(ascii: "\n")) {
            let line = Array(log[start..<newline])
            if line.count > limit {
                lines.append(
                    Line(
                        start: Int64(start), bytes: [UInt8](repeating: 0, count: line.count),
                        isOversized: true))
            } else if holdsMarker(line) {
                lines.append(Line(start: Int64(start), bytes: line, isOversized: false))
            }
            start = newline + 1
        }
        return lines
    }

    private static func holdsMarker(_ line: [UInt8]) -> Bool {
        let marker = Array(marker.utf8)
        return line.indices.contains { line[$0...].starts(with: marker) }
    }
}

/// A log in memory, of which the first bytes can be seen.
private final class GrowingBytes: ByteSource {
    private let bytes: [UInt8]
    var visible = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    var isLive: Bool { true }

    var descriptorNumber: Int32 { -1 }

    func read(
        into room: inout [UInt8], _ range: Range<Int>, at offset: Int64
    ) throws(SystemCallError) -> Int {
        let start = min(Int(offset), visible)
        let count = min(range.count, visible - start)
        room.replaceSubrange(
            range.lowerBound..<range.lowerBound + count, with: bytes[start..<start + count])
        return count
    }

    func status() throws(SystemCallError) -> FileStatus {
        throw SystemCallError(missing: "log")
    }
}
