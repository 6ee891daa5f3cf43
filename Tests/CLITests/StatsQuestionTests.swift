import LogTail
import Observers
import Telemetry
import Testing

@testable import CLI

@Suite struct StatsQuestionTests {
    private let rows: LatencyRows

    init() throws {
        rows = try LatencyRows()
    }

    private func ask(_ change: (inout StatsQuestion) -> Void = { _ in }) throws -> [StatsRow] {
        var question = StatsQuestion()
        change(&question)
        return try question.rows(rows.reader())
    }

    private func names(_ rows: [StatsRow]) -> [String] {
        rows.map { row in
            [row.source ?? "*", row.stage, row.bucket?.localName, String(row.summary.count)]
                .compactMap(\.self).joined(separator: " ")
        }
    }

    @Test func `an empty database has no rows`() throws {
        #expect(try ask().isEmpty)
        #expect(try ask { $0.grouping = .hour }.isEmpty)
        #expect(try ask { $0.grouping = .stage }.isEmpty)
    }

    @Test func `rows are per source and stage, the total first`() throws {
        try rows.add([1], minute: 0, stage: "a")
        try rows.add([1, 2], minute: 1, stage: "total")
        try rows.add([3], minute: 9, stage: "total")
        try rows.add([4], minute: 0, source: "nginx")
        #expect(names(try ask()) == ["nginx total 1", "proxy total 3", "proxy a 1"])
    }

    @Test func `by stage adds up the sources`() throws {
        try rows.add([1], minute: 0, stage: "a")
        try rows.add([100], minute: 0, stage: "total")
        try rows.add([300, 300], minute: 5, source: "nginx")
        let answer = try ask { $0.grouping = .stage }
        #expect(names(answer) == ["* total 3", "* a 1"])
        #expect(answer[0].summary.maximum == 300)
        #expect(answer[0].summary.minimum == 100)
    }

    @Test func `by source is the total, or the one stage that is named`() throws {
        try rows.add([1], minute: 0, stage: "a")
        try rows.add([1, 1], minute: 0, stage: "total")
        try rows.add([1], minute: 0, source: "nginx")
        #expect(names(try ask { $0.grouping = .source }) == ["nginx total 1", "proxy total 2"])
        let answer = try ask {
            $0.grouping = .source
            $0.query.stages = ["a"]
        }
        #expect(names(answer) == ["proxy a 1"])
    }

    @Test func `by hour and by day have a row for each with something in it`() throws {
        for minute in [0, 59, 60, 240, 16 * 60] as [Int64] {
            try rows.add([5], minute: minute)
        }
        try rows.add([5], minute: 60, stage: "a")
        #expect(
            names(try ask { $0.grouping = .hour }) == [
                "proxy total 2026-06-13 08:00 +00:00 2", "proxy total 2026-06-13 09:00 +00:00 1",
                "proxy total 2026-06-13 12:00 +00:00 1", "proxy total 2026-06-14 00:00 +00:00 1",
                "proxy a 2026-06-13 09:00 +00:00 1",
            ])
        let days = try ask {
            $0.grouping = .day
            $0.zone = .fixed(-9 * 3_600)
        }
        #expect(
            names(days) == [
                "proxy total 2026-06-12 2", "proxy total 2026-06-13 3", "proxy a 2026-06-13 1",
            ])
    }

    @Test func `time that comes again over midnight counts for the new day`() throws {
        for minute in 0..<4 as Range<Int64> { try rows.add([5], minute: minute * 60) }
        // Midnight lies an hour after the start, and the clock goes back an hour a while later.
        let change = LatencyRows.start.unixSecond + 5_400
        let zone = Zone { $0 < change ? 15 * 3_600 : 13 * 3_600 }
        let answer = try ask {
            $0.grouping = .day
            $0.zone = zone
        }
        #expect(names(answer) == ["proxy total 2026-06-13 1", "proxy total 2026-06-14 3"])
    }

    @Test func `a trend has a p99 for each stretch of the window`() throws {
        try rows.add([10], minute: 0)
        try rows.add([30, 20], minute: 2)
        #expect(try ask()[0].trend == [10, nil, 30])
        let wide = try ask {
            $0.query.since = LatencyRows.start.advanced(byMilliseconds: -60_000)
            $0.query.until = LatencyRows.start.advanced(byMilliseconds: 240_000)
        }
        #expect(wide[0].trend == [nil, 10, nil, 30, nil])
        try rows.add([40], minute: 1_000)
        let long = try ask()[0].trend
        #expect(long.count == StatsQuestion.stretches)
        #expect(long.first == 30)
        #expect(long.last == 40)
        #expect(long.compactMap(\.self).count == 2)
    }

    @Test func `a comparison has the rows of both windows`() throws {
        func row(_ stage: String, _ latencies: [Double]) -> StatsRow {
            StatsRow(
                source: "s", stage: stage,
                summary: LatencySummary(LatencyRows.cell(latencies, minute: 0)), trend: [1])
        }
        let compared = StatsRow.compare(
            [row("total", [1, 2]), row("new", [1])], with: [row("total", [4]), row("gone", [1])])
        #expect(compared.map(\.stage) == ["total", "gone", "new"])
        #expect(compared.map(\.summary.count) == [2, 0, 1])
        #expect(compared.map(\.before?.count) == [1, 1, 0])
        #expect(compared.map(\.trendBefore) == [[1], [1], []])
    }
}
