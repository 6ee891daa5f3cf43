import Foundation
import Observers
import Testing

@testable import LogTail

@Suite struct LogCheckTests {
    /// Lines `mark <n>` are latencies, `mark -` are irrelevant, other ones with `mark` do not parse.
    private struct MarkObserver: LineObserver {
        static let descriptor = ObserverDescriptor(
            name: "mark", summary: "For tests.", marker: "mark", source: "mark",
            thresholdMilliseconds: 500, fields: [], usualPaths: { _ in [] })
        let stages = StageNames()

        init(_ options: ObserverOptions) {}

        mutating func observe(
            _ line: Span<UInt8>, into observation: inout Observation
        ) -> Reading {
            let text = String(decoding: line.copied, as: UTF8.self)
            let value = text.dropFirst("mark ".count)
            if value == "-" { return Reading(timestamp: nil, outcome: .irrelevant) }
            guard let number = Double(value) else {
                return Reading(timestamp: nil, outcome: .unparsed("no number"))
            }
            observation.latencyMilliseconds = number
            return Reading(timestamp: Timestamp(seconds: Int64(number)), outcome: .observation)
        }
    }

    private func check(
        _ bytes: Data, named name: String = "a.log", limit: Int = 1_000
    ) throws -> (LogCheck, [String]) {
        let path = NSTemporaryDirectory() + "logtail-check-" + UUID().uuidString + name
        try bytes.write(to: URL(fileURLWithPath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        var lines: [String] = []
        let check = try LogCheck(
            path: path, observer: MarkObserver.self, zone: .utc, maximumLineBytes: limit
        ) { lines.append("\($0.number) \($0.reason): \($0.text)") }
        return (check, lines)
    }

    private func counts(_ check: LogCheck) -> [Int64] {
        [check.matched, check.unparsed, check.irrelevant, check.ignored]
    }

    @Test func `every line is counted once, and those that do not parse are told`() throws {
        let (check, lines) = try check(
            Data("mark 7\nother\nmark -\n\nmark x\nmark 3\nmark y\n".utf8))
        #expect(counts(check) == [2, 2, 1, 2])
        #expect(lines == ["5 no number: mark x", "7 no number: mark y"])
        #expect(check.firstTimestamp == Timestamp(seconds: 3))
        #expect(check.lastTimestamp == Timestamp(seconds: 7))
        #expect(check.damage == nil)
    }

    @Test func `a last line without its newline counts`() throws {
        #expect(counts(try check(Data("mark 1\nmark 2".utf8)).0) == [2, 0, 0, 0])
        #expect(counts(try check(Data("mark 1\nother".utf8)).0) == [1, 0, 0, 1])
        #expect(counts(try check(Data()).0) == [0, 0, 0, 0])
    }

    @Test func `a line that is too long is ignored and keeps its number`() throws {
        let long = "mark " + String(repeating: "9", count: 100)
        let (middle, lines) = try check(Data("mark 1\n\(long)\nmark x\n".utf8), limit: 50)
        #expect(counts(middle) == [1, 1, 0, 1])
        #expect(lines == ["3 no number: mark x"])
        #expect(counts(try check(Data("mark 1\n\(long)".utf8), limit: 50).0) == [1, 0, 0, 1])
    }

    @Test func `more than a block is read to its end`() throws {
        let line = "mark 1 \(String(repeating: " ", count: 90))\nmark 12\n"
        let count = 4 * LineBuffer.blockBytes / line.utf8.count
        let text = String(repeating: line, count: count)
        let (check, _) = try check(Data(text.utf8))
        #expect(check.matched + check.unparsed == Int64(2 * count))
    }

    @Test func `a line that does not parse is shown by its beginning`() throws {
        let (_, lines) = try check(Data("mark \(String(repeating: "x", count: 500))\n".utf8))
        #expect(lines[0].utf8.count == "1 no number: ".utf8.count + 200)
    }

    @Test func `a damaged archive is told`() throws {
        let (check, _) = try check(
            Data([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0xff, 0xff]), named: ".gz")
        #expect(check.damage != nil)
    }
}
