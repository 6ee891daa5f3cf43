import Checkpoint
import Foundation
import Observers
import TestSupport
import Testing

@testable import LogTail

@Suite struct DriftDetectorTests {
    private func feed(
        _ detector: inout DriftDetector, _ line: String, _ offset: Int64
    ) -> DriftReport? {
        detector.countUnparsed(Array(line.utf8).span, offset: offset)
    }

    /// `u` an unparsed line, `p` a parsed one. Beside it, what is reported: place in the log, `D`
    /// drift or `R` recovery, how many lines, where the first of them is.
    @Test(arguments: [
        ("", ""),
        ("uuuuuuuuu", ""),
        ("uuuuuuuuuu", "9D10@0"),
        ("uuuuuuuuupu", ""),
        ("uuuuuuuuupuuuuuuuuuu", "19D10@10"),
        ("puuuuuuuuuuuuuupp", "10D10@1 15R14@1"),
        ("uuuuuuuuuup" + "puuuuuuuuuuup", "9D10@0 10R10@0 21D10@12 23R11@12"),
    ])
    func `ten unparsed lines in a row are reported once, and the line that ends them`(
        _ log: String, _ reports: String
    ) {
        var detector = DriftDetector()
        var found: [String] = []
        for (place, line) in log.enumerated() {
            let report =
                line == "u"
                ? feed(&detector, "line \(place)", Int64(place)) : detector.countParsed()
            guard let report else { continue }
            let kind = report.kind == .observerDrift ? "D" : "R"
            #expect(detector.isDrifting == (kind == "D"))
            #expect(report.firstLine == "line \(report.offset)")
            found.append("\(place)\(kind)\(report.count)@\(report.offset)")
        }
        #expect(found.joined(separator: " ") == reports)
    }

    @Test func `its rows tell how many, what the first was and where`() throws {
        var detector = DriftDetector()
        var drift: DriftReport?
        for offset in 0..<Int64(10) {
            drift = feed(&detector, "STAGE_TIMINGS path=\"\(offset)\"", 100 + offset)
        }
        let warning = try #require(drift).event(
            source: "s", event: "e", path: "/var/log/x", timestamp: .at(5))
        #expect(warning.kind == .observerDrift)
        #expect(warning.status == .warning)
        #expect(warning.timestamp == .at(5))
        #expect(
            warning.detail == """
                {"count":10,"first":"STAGE_TIMINGS path=\\"0\\"","path":"/var/log/x","offset":100}
                """)
        let line = Digest(of: Array("STAGE_TIMINGS path=\"0\"".utf8).span)
        #expect(
            warning.seed == EventSeed(source: "s", kind: .observerDrift, offset: 100, line: line))
        let recovery = detector.countParsed()
        let recovered = try #require(recovery).event(
            source: "s", event: "e", path: "/var/log/x", timestamp: .at(6))
        #expect(recovered.kind == .observerRecovered)
        #expect(recovered.status == .info)
        #expect(recovered.seed != warning.seed)
    }

    private static let cuts: [([UInt8], String)] = [
        ([], ""),
        (bytes("short"), "short"),
        (bytes(repeated("x", 201)), repeated("x", 200)),
        (bytes(repeated("é", 101)), repeated("é", 100)),
        (bytes("x" + repeated("é", 101)), "x" + repeated("é", 99)),
        (bytes(repeated("😀", 51)), repeated("😀", 50)),
        (bytes(repeated("x", 198) + "😀"), repeated("x", 198)),
        ([0x61, 0xff, 0x00, 0xe2, 0x82], "a\u{fffd}\u{0}\u{fffd}"),
        ([UInt8](repeating: 0xff, count: 300), repeated("\u{fffd}", 66)),
    ]

    private static func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

    private static func repeated(_ text: String, _ count: Int) -> String {
        String(repeating: text, count: count)
    }

    @Test(arguments: cuts)
    func `the first line is cut to 200 bytes between characters`(_ line: [UInt8], _ text: String) {
        var detector = DriftDetector()
        _ = detector.countUnparsed(line.span, offset: 0)
        for _ in 1..<9 { _ = feed(&detector, "", 1) }
        #expect(feed(&detector, "", 1)?.firstLine == text)
    }

    @Test func `a restart between any two lines changes nothing`() throws {
        var random = SeededGenerator()
        var plain = DriftDetector()
        var restarted = plain
        for offset in 0..<Int64(400) {
            let isParsed = Int.random(in: 0..<20, using: &random) == 0
            let line = String(repeating: "\"é\u{1}", count: Int.random(in: 0..<80, using: &random))
            let expected = isParsed ? plain.countParsed() : feed(&plain, line, offset)
            let report = isParsed ? restarted.countParsed() : feed(&restarted, line, offset)
            #expect(report?.kind == expected?.kind)
            #expect(report?.run == expected?.run)
            restarted = try decoded(encoded(restarted))
            #expect(restarted == plain)
        }
    }

    /// As version 1 wrote it; it stays readable for ever.
    static let sample = """
        {"v":1,"unparsed":12,"offset":77,"line":"0123456789abcdeffedcba9876543210","first":"x"}
        """

    @Test func `reads what version 1 wrote and writes the same`() throws {
        let detector = try decoded(Self.sample)
        #expect(detector.isDrifting)
        #expect(encoded(detector) == Self.sample)
        #expect(encoded(DriftDetector()) == #"{"v":1,"unparsed":0}"#)
    }

    @Test(arguments: [
        "", "[]", "{}", #"{"v":2,"unparsed":0}"#, #"{"v":1,"unparsed":3}"#,
        sample.replacingOccurrences(of: "0123", with: "012"),
        sample.replacingOccurrences(of: #""x""#, with: "null"),
    ])
    func `any other state is refused`(_ text: String) {
        #expect(throws: DecodingError.self) { try decoded(text) }
    }

    private func encoded(_ detector: DriftDetector) -> String {
        var json = JSONWriter()
        detector.writeState(to: &json)
        return json.text
    }

    private func decoded(_ text: String) throws -> DriftDetector {
        try JSONDecoder().decode(DriftDetector.self, from: Data(text.utf8))
    }
}
