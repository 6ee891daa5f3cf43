import Foundation
import LogTail
import TestSupport
import Testing

/// Reports in a real browser, on a phone and a wide screen, light, dark and on paper.
@Suite(.enabled(if: Browser.isAvailable, "chromium and python3 are not installed"))
struct ReportBrowserTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../..").standardizedFileURL.path

    private func check(_ pages: [String], expecting drawings: Int) throws -> BuiltCommand.Result {
        try BuiltCommand.run(
            program: "/usr/bin/python3",
            [Self.root + "/Tests/Browser/check_report.py", "--expect", String(drawings)] + pages)
    }

    private func page(_ rows: LatencyRows, _ arguments: [String] = []) throws -> String {
        let file = rows.folder("page.html")
        let result = try BuiltCommand.run(["report", "--db", rows.path, "-o", file] + arguments)
        #expect(result.status == 0, "\(result.errors)")
        return file
    }

    @Test func `the example has marks in every chart, and nothing overflows`() throws {
        let result = try check([Self.root + "/examples/report/report.html"], expecting: 3)
        #expect(result.output == "")
        #expect(result.status == 0, "\(result.errors)")
    }

    @Test func `long, hostile and extreme texts and numbers fit as well`() throws {
        let rows = try LatencyRows()
        let long = String(repeating: "a_very_long_name<script>alert(1)</script>", count: 6)
        try rows.add([0, 0, 0.000_002, 3e9, 1e308], minute: 0, source: long)
        try rows.add([1e308, 0], minute: 500_000, stage: long, source: long)
        try rows.addEpisode(
            second: 1, peak: 1e300, span: 1e300, count: .max, stage: long, source: long)
        try rows.addEpisode(.degraded, second: 5e7, peak: 0, span: -1, source: "b")
        try rows.add(
            .readFailed, .warning, second: 3, source: long,
            detail: #"{"reason":"\#(String(repeating: "x", count: 500))"}"#)
        try rows.add([0], minute: 1, source: "zeros")
        let result = try check([page(rows)], expecting: 6)
        #expect(result.output == "")
        #expect(result.status == 0, "\(result.errors)")
    }

    @Test func `an empty window is a page too`() throws {
        let rows = try LatencyRows()
        let result = try check([page(rows)], expecting: 0)
        #expect(result.output == "")
        #expect(result.status == 0, "\(result.errors)")
    }

    @Test func `the check finds what is wrong with a page`() throws {
        let folder = try TemporaryFolder()
        let file = folder("broken.html")
        try """
        <!doctype html><meta charset="utf-8"><body style="margin: 0">
        <p style="width: 3000px; color: #888">wide and faint</p>
        <figure><svg class="drawing"><text x="5" y="9">one</text></svg></figure>
        <table><tr><th>bare</th></tr></table><img src="missing.png">
        <script>console.log("said"); throw "thrown"</script>
        """.write(toFile: file, atomically: true, encoding: .utf8)
        let result = try check([file], expecting: 2)
        #expect(result.status == 1)
        for finding in [
            "the page is 3000 wide", "contrast 3.5", "a drawing has no label", "no marks",
            "no table", "a table has no caption", "“bare” has no scope", "missing.png", "said",
            "thrown", "holds a script", "has 1 drawings, not 2",
        ] {
            #expect(result.output.contains(finding), "\(finding)")
        }
    }
}

/// What the check of a page needs.
private enum Browser {
    static let isAvailable = ["/usr/bin/chromium", "/usr/bin/python3"]
        .allSatisfy { FileManager.default.isExecutableFile(atPath: $0) }
}
