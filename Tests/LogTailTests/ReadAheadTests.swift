import Checkpoint
import Foundation
import Syscalls
import TestSupport
import Testing

@testable import LogTail

/// A thread that reads ahead changes when lines are read, and nothing else.
struct ReadAheadTests {
    private static let limit = 300_000
    private let folder: TemporaryFolder
    private let path: String

    init() throws {
        folder = try TemporaryFolder()
        path = folder("a.log")
    }

    /// What a reader told of a line.
    private struct Told: Equatable {
        let start: Int64
        let length: Int
        let digest: Digest?
    }

    /// Reads one log to its end through a buffer.
    private final class Reading {
        let reader: GenerationReader
        var told: [Told] = []

        init(_ source: any ByteSource) throws {
            reader = GenerationReader(source, try source.status().identity, path: "a.log")
        }

        convenience init(_ path: String) throws {
            try self.init(PlainFile(FileDescriptor(openingToRead: path)))
        }

        func read(_ buffer: inout LineBuffer) throws -> GenerationReader.Outcome {
            try reader.read(
                &buffer, LineScanner(marker: "MARK"), limit: ReadAheadTests.limit,
                oversized: { told.append(Told(start: $0, length: Int($1), digest: nil)) },
                { line, start in
                    let digest = Digest(of: line)
                    told.append(Told(start: start, length: line.count, digest: digest))
                })
        }

        /// Reads until there is nothing more, and says whether anything was read ahead.
        func readToEnd(_ buffer: inout LineBuffer) throws -> Bool {
            var wasAhead = false
            while case .bytes = try read(&buffer) { wasAhead = wasAhead || buffer.ahead != nil }
            return wasAhead
        }
    }

    /// The first line of which different things were told; nil where there is none. Thousands
    /// are too many to show.
    private func difference(_ told: [Told], _ expected: [Told]) -> String? {
        for (left, right) in zip(told, expected) where left != right {
            return "\(left) instead of \(right)"
        }
        return told.count == expected.count
            ? nil : "\(told.count) lines instead of \(expected.count)"
    }

    /// A log of lines of all lengths, some with the marker, at least `bytes` long.
    private func log(_ bytes: Int, _ random: inout SeededGenerator) -> Data {
        var log = Data(capacity: bytes)
        while log.count < bytes {
            let length =
                switch Int.random(in: 0..<1_000, using: &random) {
                case 0: Int.random(in: 200_000..<400_000, using: &random)
                case 1..<20: Int.random(in: 5_000..<20_000, using: &random)
                default: Int.random(in: 0..<900, using: &random)
                }
            let letter = UInt8.random(in: UInt8(ascii: "a")...UInt8(ascii: "z"), using: &random)
            log.append(Data(repeating: letter, count: length))
            if Int.random(in: 0..<4, using: &random) == 0 {
                log.append(Data("MARK \(length)".utf8))
            }
            log.append(UInt8(ascii: "\n"))
        }
        return log
    }

    @Test func `the lines are those that are found without it`() throws {
        var random = SeededGenerator(for: "read ahead")
        for _ in 0..<3 {
            try log(Int.random(in: 9_000_000..<14_000_000, using: &random), &random)
                .write(to: URL(fileURLWithPath: path))
            var buffer = LineBuffer()
            let plain = try Reading(SlowSource(path))
            #expect(try !plain.readToEnd(&buffer))
            let ahead = try Reading(path)
            #expect(try ahead.readToEnd(&buffer))
            #expect(difference(ahead.told, plain.told) == nil)
            #expect(ahead.told.count > 1_000)
            #expect(ahead.reader.position == plain.reader.position)
            #expect(ahead.reader.trail == plain.reader.trail)
            #expect(ahead.reader.unfinishedBytes == plain.reader.unfinishedBytes)
        }
    }

    @Test func `what is appended meanwhile is read once`() throws {
        var random = SeededGenerator(for: "read ahead of a writer")
        let all = log(24_000_000, &random)
        try all.prefix(8_000_000).write(to: URL(fileURLWithPath: path))
        let writer = try #require(FileHandle(forWritingAtPath: path))
        try writer.seekToEnd()
        var buffer = LineBuffer()
        let reading = try Reading(path)
        var written = 8_000_000
        var wasAhead = false
        while true {
            wasAhead = wasAhead || buffer.ahead != nil
            if case .bytes = try reading.read(&buffer) {} else if written == all.count { break }
            let next = min(all.count, written + Int.random(in: 0..<600_000, using: &random))
            try writer.write(contentsOf: all[written..<next])
            written = next
        }
        #expect(wasAhead)
        let plain = try Reading(SlowSource(path))
        _ = try plain.readToEnd(&buffer)
        #expect(difference(reading.told, plain.told) == nil)
        #expect(reading.reader.position == plain.reader.position)
    }

    /// Bytes that are left, and bytes that are there soon after.
    @Test(arguments: [(0, 24_000_000), (9_000_000, 9_000_000), (0, 0)])
    func `a log that is cut back meanwhile is not taken for the one it was`(
        _ left: Int, _ length: Int
    ) throws {
        var random = SeededGenerator(for: "read ahead of a truncation")
        let old = log(24_000_000, &random)
        try old.write(to: URL(fileURLWithPath: path))
        let plain = try Reading(SlowSource(path))
        var buffer = LineBuffer()
        _ = try plain.readToEnd(&buffer)

        let reading = try Reading(path)
        while reading.reader.offset < 10_000_000 { _ = try reading.read(&buffer) }
        #expect(buffer.ahead != nil)
        let file = try #require(FileHandle(forWritingAtPath: path))
        try file.truncate(atOffset: UInt64(left))
        try file.seekToEnd()
        if length > left { try file.write(contentsOf: log(length - left, &random)) }
        var outcome = GenerationReader.Outcome.bytes(0)
        while case .bytes = outcome { outcome = try reading.read(&buffer) }
        #expect(outcome == .changed)
        let before = plain.told.filter { $0.start < reading.reader.offset }
        #expect(difference(reading.told, before) == nil)
        #expect(reading.reader.offset < 24_000_000)
    }

    @Test func `two logs take turns`() throws {
        var random = SeededGenerator(for: "read ahead of two")
        let other = folder("b.log")
        try log(9_000_000, &random).write(to: URL(fileURLWithPath: path))
        try log(9_000_000, &random).write(to: URL(fileURLWithPath: other))
        var buffer = LineBuffer()
        let expected = try [path, other].map { path in
            let plain = try Reading(SlowSource(path))
            _ = try plain.readToEnd(&buffer)
            return plain.told
        }
        let readings = try [Reading(path), Reading(other)]
        var isOver = [false, false]
        var wasAhead = false
        while isOver != [true, true] {
            for turn in [0, 1] {
                for _ in 0..<Int.random(in: 1...4, using: &random) {
                    wasAhead = wasAhead || buffer.ahead != nil
                    if case .bytes = try readings[turn].read(&buffer) { continue }
                    isOver[turn] = true
                }
            }
        }
        #expect(wasAhead)
        for (reading, expected) in zip(readings, expected) {
            #expect(difference(reading.told, expected) == nil)
        }
    }

    @Test func `a log that is let go of is not kept open`() throws {
        var random = SeededGenerator(for: "read ahead and let go")
        let other = folder("b.log")
        try log(9_000_000, &random).write(to: URL(fileURLWithPath: path))
        try log(1_000, &random).write(to: URL(fileURLWithPath: other))
        var buffer = LineBuffer()
        var reading: Reading? = try Reading(path)
        while buffer.ahead == nil { _ = try reading?.read(&buffer) }
        weak let file = reading?.reader.source
        #expect(file != nil)
        reading = nil
        _ = try Reading(other).read(&buffer)
        try eventually("the log is closed") { file == nil }
        #expect(buffer.ahead != nil)
    }

    @Test func `the thread ends with the backlog`() throws {
        var random = SeededGenerator(for: "read ahead and end")
        try log(9_000_000, &random).write(to: URL(fileURLWithPath: path))
        var buffer = LineBuffer()
        let reading = try Reading(path)
        while buffer.ahead == nil { _ = try reading.read(&buffer) }
        weak let ahead = buffer.ahead
        #expect(ahead != nil)
        buffer.shrink()
        #expect(ahead == nil)
        // Others of this process may read ahead too, but none for ever.
        try eventually("no thread reads ahead") { !Self.threads().contains("read ahead\n") }
    }

    private static func threads() -> [String] {
        let tasks = "/proc/self/task"
        let numbers = (try? FileManager.default.contentsOfDirectory(atPath: tasks)) ?? []
        return numbers.compactMap {
            try? String(contentsOfFile: "\(tasks)/\($0)/comm", encoding: .utf8)
        }
    }
}

/// A log that is a file, but is not read ahead.
private final class SlowSource: ByteSource {
    private let file: PlainFile

    init(_ path: String) throws {
        file = PlainFile(try FileDescriptor(openingToRead: path))
    }

    var isLive: Bool { true }
    var descriptorNumber: Int32 { file.descriptorNumber }

    func read(
        into bytes: inout [UInt8], _ range: Range<Int>, at offset: Int64
    ) throws(SystemCallError) -> Int {
        try file.read(into: &bytes, range, at: offset)
    }

    func status() throws(SystemCallError) -> FileStatus { try file.status() }
}
