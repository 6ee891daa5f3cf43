import Foundation
import LogTail
import Observers
import TestSupport
import Testing

@testable import CLI

/// The built command, against databases as the daemon writes them.
@Suite struct StatsCommandTests {
    private let rows: LatencyRows

    init() throws {
        rows = try LatencyRows()
    }

    private func stats(
        _ arguments: [String], environment: [String: String] = [:]
    ) throws -> BuiltCommand.Result {
        try BuiltCommand.run(["stats", "--db", rows.path] + arguments, environment: environment)
    }

    private func objects(_ arguments: [String]) throws -> [[String: Any]] {
        let result = try stats(["--json"] + arguments)
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.errors == "")
        return try result.lines.map { line in
            try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        }
    }

    @Test func `where rows of the window were pruned, that is said, with exit code 3`() throws {
        try rows.add([1], minute: 0)
        _ = try BuiltCommand.run(["prune", "--db", rows.path, "--keep-days", "0.0000001"])
        let begin = ["--since", "2026-06-13T08:00Z"]
        for _ in 0..<2 {
            let lacking = try stats(begin)
            #expect(lacking.status == 3)
            #expect(lacking.errors.contains("the answer is incomplete"))
            #expect(try stats([]).status == 0)
            try rows.add([2], minute: 10)
        }
        #expect(try stats(["--since", "2026-06-13T08:10Z"]).status == 0)
        let report = try BuiltCommand.run(["report", "--db", rows.path, "-o", "-"] + begin)
        #expect(report.status == 3)
        #expect(report.output.contains("removed by retention"))
    }

    @Test func `where rows of the earlier of two windows were pruned, that is said too`() throws {
        try rows.add([1], minute: 0)
        _ = try BuiltCommand.run(["prune", "--db", rows.path, "--keep-days", "0.0000001"])
        try rows.add([2], minute: 10)
        let lacking = try stats(["--compare", "10m", "--until", "2026-06-13T08:20Z"])
        #expect(lacking.status == 3)
        #expect(lacking.errors.contains("the answer is incomplete"))
        #expect(lacking.lines.count == 4)
        #expect(try stats(["--compare", "10m", "--until", "2026-06-13T08:30Z"]).status == 0)
    }

    @Test func `a window of minutes is added up`() throws {
        for minute in 0..<180 as Range<Int64> { try rows.add([Double(minute)], minute: minute) }
        let all = try objects([])
        #expect(all.count == 1)
        #expect(all[0]["count"] as? Int == 180)
        #expect(all[0]["bucket"] == nil)
        let part = try objects(["--since", "2026-06-13T09:00Z", "--until", "2026-06-13T10:00Z"])
        #expect(part[0]["count"] as? Int == 60)
        #expect(part[0]["min_ms"] as? Double == 60)
        #expect(part[0]["max_ms"] as? Double == 119)
        let inside = try objects([
            "--since", "2026-06-13T09:00:59Z", "--until", "2026-06-13T09:01:01Z",
        ])
        #expect(inside[0]["count"] as? Int == 2)
        let hours = try objects(["--by", "hour"])
        #expect(
            hours.map { $0["bucket"] as? String } == [
                "2026-06-13T08:00Z", "2026-06-13T09:00Z", "2026-06-13T10:00Z",
            ])
        #expect(try objects(["--by", "day"]).map { $0["count"] as? Int } == [180])
    }

    @Test func `hours are local in the table, and of UTC with --utc and --json`() throws {
        try rows.add([1], minute: 20)
        let zone = ["TZ": "Asia/Kolkata"]
        func hour(_ arguments: [String]) throws -> String {
            try stats(["--by", "hour"] + arguments, environment: zone).output
        }
        #expect(try hour([]).contains("2026-06-13 13:00 +05:30"))
        #expect(try hour(["--utc"]).contains("2026-06-13 08:00 +00:00"))
        #expect(try hour(["--json"]).contains(#""bucket":"2026-06-13T08:00Z""#))
    }

    @Test func `sources and stages are filters`() throws {
        for stage in ["total", "a"] {
            for source in ["x", "y"] { try rows.add([1], minute: 0, stage: stage, source: source) }
        }
        #expect(try objects(["--source", "x"]).map { $0["stage"] as? String } == ["total", "a"])
        #expect(
            try objects(["--stage", "a", "--by", "source"]).map { $0["source"] as? String }
                == ["x", "y"])
        #expect(try objects(["--by", "stage"]).map { $0["count"] as? Int } == [2, 2])
        #expect(try objects(["--by", "stage"]).allSatisfy { $0["source"] is NSNull })
    }

    @Test func `two windows lie side by side and share no minute`() throws {
        try rows.add([10], minute: 0)
        try rows.add([20, 20], minute: 59)
        try rows.add([40, 40, 40, 40], minute: 60)
        try rows.add([50], minute: 119)
        try rows.add([99], minute: 120)
        let until = ["--until", "2026-06-13T09:59:30Z"]
        let row = try #require(try objects(["--compare", "1h"] + until).first)
        #expect(row["count"] as? Int == 5)
        #expect((row["previous"] as? [String: Any])?["count"] as? Int == 3)
        let change = try #require(row["change"] as? [String: Any])
        #expect(abs((change["count"] as? Double ?? 0) - 2.0 / 3) < 1e-9)
        let text = try stats(["--compare", "1h"] + until).lines
        #expect(text.count == 4)
        #expect(text[3].contains("change"))
        #expect(text[3].contains("+66.7 %"))
    }

    @Test func `a table fits the width that is asked for, in ASCII unless the locale is UTF-8`()
        throws
    {
        for minute in 0..<40 as Range<Int64> { try rows.add([Double(minute)], minute: minute) }
        for width in [60, 80, 140] {
            let plain = try stats([], environment: ["COLUMNS": "\(width)", "TERM": "xterm"])
            #expect(plain.lines.allSatisfy { $0.utf8.count <= width })
            #expect(plain.output.utf8.allSatisfy { $0 < 0x80 })
            let blocks = try stats(
                [],
                environment: ["COLUMNS": "\(width)", "TERM": "xterm", "LANG": "de_DE.UTF-8"])
            #expect(blocks.output.contains("▁"))
            #expect(blocks.lines.allSatisfy { $0.count <= width })
        }
    }

    @Test func `colours are shown where they are forced, and never with NO_COLOR`() throws {
        try rows.add([3_000], minute: 0)
        func text(_ environment: [String: String]) throws -> String {
            try stats([], environment: environment).output
        }
        #expect(try !text([:]).contains("\u{1b}"))
        #expect(try text(["CLICOLOR_FORCE": "1"]).contains("\u{1b}[31m"))
        #expect(try !text(["CLICOLOR_FORCE": "1", "NO_COLOR": "1"]).contains("\u{1b}"))
    }

    @Test func `nothing in the window is told on stderr`() throws {
        for arguments in [[], ["--json"], ["--compare", "7d"]] {
            let result = try stats(arguments)
            #expect(result.status == 0)
            #expect(result.output == "")
            #expect(result.errors == "logtail: no latency was recorded in this window\n")
        }
    }

    @Test(arguments: [
        ["--by", "week"], ["--compare", "soon"], ["--compare", "30s"], ["--compare", "0d"],
        ["--compare", "90s"], ["--compare", "7d", "--by", "hour"],
        ["--compare", "7d", "--since", "1h"], ["--compare", "999999d"],
        ["--by", "source", "--stage", "a", "--stage", "b"], ["--since", "1h", "--until", "2h"],
        ["--host", "-oProxyCommand=id"], ["--host="],
    ])
    func `wrong usage is one line and 64`(arguments: [String]) throws {
        let result = try stats(arguments)
        #expect(result.status == 64)
        #expect(result.output == "")
        #expect(result.errors.hasPrefix("logtail: "))
        #expect(result.errors.filter { $0 == "\n" }.count == 1)
    }

    @Test func `no database is told by its path`() throws {
        let result = try BuiltCommand.run(["stats", "--db", rows.folder("none.sqlite")])
        #expect(result.status == 66)
        #expect(result.errors.contains(rows.folder("none.sqlite")))
    }

    @Test func `a month of ten stages is added up as its rows are`() throws {
        var random = SeededGenerator()
        var cells: [LatencyCell] = []
        for stage in 0..<10 {
            for minute in 0..<600 as Range<Int64> {
                let latencies = (0..<3).map { _ in Double.random(in: 0.1...900, using: &random) }
                cells.append(
                    LatencyRows.cell(latencies, minute: minute * 72, stage: "stage\(stage)"))
            }
        }
        try rows.add(cells)
        let answer = try objects(["--by", "day"])
        #expect(answer.count == 310)
        #expect(answer.reduce(0) { $0 + ($1["count"] as? Int ?? 0) } == 18_000)
        let whole = try objects([])
        let expected = cells.filter { $0.stage == "stage3" }.reduce(into: cells[0]) { sum, cell in
            if sum.stage == "stage3" { sum.merge(cell) } else { sum = cell }
        }
        #expect(whole.count == 10)
        #expect(whole[3]["p99_ms"] as? Double == expected.quantile(0.99))
    }
}
