import Foundation
import Glibc
import LogTail
import Telemetry
import TestSupport
import Testing

@testable import CLI

/// The built command, against databases as the daemon writes them.
@Suite struct ReportCommandTests {
    private let rows: LatencyRows

    init() throws {
        rows = try LatencyRows()
    }

    private func report(
        _ arguments: [String] = [], environment: [String: String] = [:]
    ) throws -> BuiltCommand.Result {
        try BuiltCommand.run(
            ["report", "--db", rows.path, "-o", "-"] + arguments, environment: environment)
    }

    private func headline(_ page: String) -> String {
        let start = page.range(of: "<title>")?.upperBound ?? page.startIndex
        let end = page.range(of: "</title>")?.lowerBound ?? page.startIndex
        return String(page[start..<end])
    }

    private func addMorning() throws {
        for minute in 0..<120 as Range<Int64> {
            try rows.add(Array(repeating: 100, count: 99) + [Double(minute)], minute: minute)
        }
        try rows.add([2_100, 700], minute: 60)
        try rows.add([40], minute: 60, stage: "queue")
        try rows.addEpisode(second: 3_600, peak: 2_100, span: 20_400, count: 2)
        try rows.addEpisode(second: 3_700, peak: 4_100, span: 20_600)
        try rows.addEpisode(.degraded, second: 3_800, peak: 700, span: 700)
    }

    @Test func `the headline counts stalls, their length, the p99 and the slow share`() throws {
        try addMorning()
        let page = try report(["--since", "2026-06-13T08:00Z", "--until", "2026-06-13T10:00Z"])
        #expect(page.status == 0)
        #expect(page.errors == "")
        #expect(headline(page.output).hasPrefix("2 stalls, 41 s in total, p99 "))
        #expect(page.output.contains("13 June 2026, 08:00 to 10:00, UTC"))
    }

    @Test(arguments: [
        (["--since", "2026-06-13", "--until", "2026-06-14"], "2 stalls on 13 June 2026, 41 s"),
        (["--since", "9000d"], "2 stalls in the last 9000 days, 41 s"),
        ([], "2 stalls, 41 s"),
        (["--since", "2h"], "Nothing was recorded in the last 2 hours"),
        (["--source", "other"], "Nothing was recorded"),
    ])
    func `the headline names the window`(arguments: [String], beginning: String) throws {
        try addMorning()
        let page = try report(arguments)
        #expect(page.status == 0)
        #expect(headline(page.output).hasPrefix(beginning), "\(headline(page.output))")
    }

    @Test func `times are local and the zone is named, in UTC where asked for`() throws {
        try addMorning()
        let environment = ["TZ": "Europe/Berlin"]
        let local = try report(environment: environment)
        #expect(local.output.contains("10:00 to 12:00, Europe/Berlin (+02:00)"))
        let utc = try report(["--utc"], environment: environment)
        #expect(utc.output.contains("08:00 to 10:00, UTC"))
    }

    @Test func `a database without rows gives a page that says so`() throws {
        let page = try report()
        #expect(page.status == 0)
        #expect(page.errors == "logtail: nothing was recorded in this window\n")
        #expect(headline(page.output) == "Nothing was recorded")
        #expect(page.output.contains("logtail status"))
        #expect(!page.output.contains("<svg"))
    }

    @Test func `nothing of a log becomes markup, and the page can load and run nothing`() throws {
        let hostile = #"</title><script>alert(1)</script><img src=x onerror="alert(2)">'"#
        try rows.add([10, 700], minute: 0, source: hostile)
        try rows.add([10], minute: 0, stage: hostile, source: hostile)
        try rows.addEpisode(second: 1, peak: 700, span: 1, stage: hostile, source: hostile)
        var detail = JSONWriter()
        detail.object { $0.field(hostile, hostile) }
        try rows.add(
            .observerDrift, .warning, second: 2, source: hostile, detail: detail.text)
        try rows.add(.readFailed, .warning, second: 3, source: hostile, detail: hostile)
        let page = try report().output
        #expect(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"))
        #expect(page.contains("default-src &#39;none&#39;"))
        for tag in ["<script", "<img", "<iframe", "<link", "<a ", "http:", "https:", "url("] {
            #expect(!page.contains(tag), "\(tag)")
        }
        // Every quotation mark that is left belongs to an attribute of ours.
        let tags = page.matches(of: /<[a-z0-9]+((?: [a-zA-Z0-9-]+="[^"<>]*")*)>/).count
        #expect(tags == page.matches(of: /<[a-zA-Z]/).count)
    }

    @Test func `notices are told, the latest of many`() throws {
        try rows.add([1], minute: 0)
        for second in 0..<60 {
            try rows.add(
                .missedRotation, .warning, second: Double(second),
                detail: #"{"path":"/var/log/p\#(second).log","offset":7}"#)
        }
        try rows.add(.rotated, .info, second: 70)
        let page = try report().output
        #expect(page.contains("The latest 50 of 60 notices"))
        #expect(page.contains("offset: 7, path: /var/log/p59.log"))
        #expect(!page.contains("/var/log/p9.log"))
    }

    @Test func `of many episodes the worst are drawn, and all are counted`() throws {
        try rows.add([1], minute: 0)
        for index in 0..<500 {
            try rows.addEpisode(
                second: Double(index) / 10, peak: Double(3_000 + index), span: 1_000)
        }
        let page = try report().output
        #expect(headline(page).hasPrefix("500 stalls, 8 min in total"))
        #expect(page.contains("the 400 worst are drawn"))
        #expect(page.contains("The 100 worst episodes"))
        #expect(page.matches(of: /<rect class="stall"/).count == 400)
        #expect(page.matches(of: /<td class="number">3.39 s</).isEmpty)
    }

    @Test func `beyond a dozen sources the rest is counted`() throws {
        for index in 0..<15 { try rows.add([1], minute: 0, source: "source \(index)") }
        let page = try report().output
        #expect(page.contains("3 more sources"))
        #expect(page.matches(of: /<h3>Distribution/).count == 12)
    }

    @Test func `the page replaces the file that is there, as a whole`() throws {
        try addMorning()
        let file = rows.folder("page.html")
        try "before".write(toFile: file, atomically: true, encoding: .utf8)
        let link = rows.folder("link.html")
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: file)
        let result = try BuiltCommand.run(["report", "--db", rows.path, "--output", link])
        #expect(result.status == 0)
        #expect(result.output == "")
        let page = try String(contentsOfFile: file, encoding: .utf8)
        #expect(page.hasPrefix("<!doctype html>"))
        #expect(page.hasSuffix("</html>\n"))
        let names = try FileManager.default.contentsOfDirectory(atPath: rows.folder.path)
        #expect(!names.contains { $0.hasSuffix(".tmp") })
    }

    @Test func `failures leave nothing behind and say what to do`() throws {
        let nowhere = rows.folder("missing/page.html")
        let result = try BuiltCommand.run(["report", "--db", rows.path, "-o", nowhere])
        #expect(result.status == 73)
        #expect(
            result.errors
                == "logtail: unable to write \(nowhere): No such file or directory; name a file "
                + "in a folder that this user can write\n")
        let folder = try BuiltCommand.run(["report", "--db", rows.path, "-o", rows.folder.path])
        #expect(folder.status == 73)
        #expect(try BuiltCommand.run(["report", "--db", rows.path]).status == 64)
        #expect(try report(["--since", "2026-06-14", "--until", "2026-06-13"]).status == 64)
        let missing = rows.folder("page.html")
        let noDatabase = try BuiltCommand.run(
            ["report", "--db", rows.folder("none.sqlite"), "-o", missing])
        #expect(noDatabase.status == 66)
        #expect(!FileManager.default.fileExists(atPath: missing))
    }
}
