import Observers
import Telemetry
import Testing

@testable import CLI

@Suite struct StatsTextTests {
    private let rows: [StatsRow]

    init() {
        rows = ["total", "compression_first_stage", "b"].map { stage in
            StatsRow(
                source: "headroom-proxy", stage: stage,
                summary: LatencySummary(
                    LatencyRows.cell([0.024, 6.125, 612.5, 2_310], minute: 0)),
                trend: (0..<32).map { $0 % 5 == 4 ? nil : Double($0) })
        }
    }

    private func lines(
        _ rows: [StatsRow], _ grouping: StatsQuestion.Grouping? = nil, width: Int?,
        hasBlocks: Bool = false
    ) -> [String] {
        StatsText(
            rows, grouping,
            Terminal(width: width, isColoured: false, hasBlocks: hasBlocks)
        ).lines
    }

    @Test func `without rows there is no table`() {
        #expect(lines([], width: 80) == [])
    }

    @Test func `a row tells the distribution, the shares and the trend`() {
        let lines = lines([rows[0]], width: nil)
        #expect(
            lines == [
                "SOURCE          STAGE  COUNT       MIN      MEAN      P50     P90     P99   P99.9"
                    + "     MAX  DEGRADED  STALLED  P99 TREND",
                "headroom-proxy  total      4  0.024 ms  732.2 ms  6.16 ms  2.31 s  2.31 s  2.31 s"
                    + "  2.31 s    25.0 %   25.0 %  .... .,,, :::: ---= ==++ +*** ##",
            ])
    }

    @Test(arguments: [20, 40, 60, 80, 100, 120, 132, 160, 200, 300])
    func `no line is wider than the terminal, as long as it holds two columns`(width: Int) {
        for hasBlocks in [true, false] {
            for line in lines(rows, width: width, hasBlocks: hasBlocks) {
                #expect(VisibleText.width(line) <= max(width, 26), "\(line)")
            }
        }
    }

    @Test func `on eighty columns there is room for the trend`() {
        let header = lines(rows, width: 80)[0]
        #expect(header.contains("P99 TREND"))
        #expect(header.contains("STALLED"))
    }

    @Test func `blocks show only where the terminal has them`() {
        #expect(lines(rows, width: 200, hasBlocks: true).joined().contains("█"))
        #expect(lines(rows, width: 200).joined().utf8.allSatisfy { $0 < 0x80 })
    }

    @Test func `hours have bars on the scale of their own source and stage`() throws {
        var buckets = TimeBuckets(.day, in: .utc)
        func row(_ stage: String, _ day: Int64, _ latency: Double) -> StatsRow {
            StatsRow(
                source: "s", stage: stage,
                bucket: buckets.bucket(ofMinute: LatencyRows.start.unixMinute + day * 1_440),
                summary: LatencySummary(LatencyRows.cell([latency], minute: 0)))
        }
        let lines = lines(
            [row("total", 0, 100), row("total", 1, 200), row("b", 0, 1)], .day, width: nil)
        #expect(lines[0].contains("STAGE  DAY         COUNT"))
        #expect(lines[1].contains("total  2026-06-13"))
        #expect(lines[1].hasSuffix(" " + String(repeating: "#", count: 16)))
        #expect(lines[2].hasSuffix(" " + String(repeating: "#", count: 32)))
        #expect(lines[3].hasSuffix(" " + String(repeating: "#", count: 32)))
    }

    @Test func `a comparison has a line for each window and one for the change`() {
        var row = rows[0]
        row.before = LatencySummary(LatencyRows.cell([1, 1, 1, 1, 1], minute: 0))
        row.trendBefore = [1]
        let lines = lines([row], width: nil)
        #expect(lines.count == 4)
        #expect(lines[1].contains("total  now           4"))
        #expect(lines[2].contains("before        5"))
        #expect(lines[3].contains("change  -20.0 %"))
        #expect(lines[3].contains("x2310"))
        #expect(lines[3].hasSuffix("+25.00 pp  +25.00 pp"))
    }

    @Test func `by source the source stays, by stage there is none`() {
        #expect(lines(rows, .source, width: 60)[0].contains("SOURCE"))
        #expect(!lines(rows, .stage, width: nil)[0].contains("SOURCE"))
    }

    @Test(arguments: [
        (0, "0 %"), (0.00001, "< 0.01 %"), (0.0004, "0.04 %"), (0.0099, "0.99 %"),
        (0.125, "12.5 %"), (1, "100.0 %"),
    ])
    func `a share that is not zero never looks like zero`(share: Double, text: String) {
        #expect(Wording.share(share) == text)
    }

    @Test(arguments: [
        (0, "0 %"), (0.125, "+12.5 %"), (-0.03, "-3.0 %"), (-1, "-100.0 %"), (39, "x40"),
    ])
    func `a change has its sign`(change: Double, text: String) {
        #expect(Wording.change(change) == text)
    }
}
