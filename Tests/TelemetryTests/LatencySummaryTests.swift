import LogTail
import Testing

@testable import Telemetry

@Suite struct LatencySummaryTests {
    @Test func `nothing has no quantiles and no shares`() {
        let summary = LatencySummary(Samples.cell([]))
        #expect(summary.count == 0)
        #expect(
            [summary.minimum, summary.mean, summary.p50, summary.maximum] == [nil, nil, nil, nil])
        #expect(summary.degradedShare == nil)
        #expect(summary.stalledShare == nil)
    }

    @Test func `quantiles lie within what was seen, and shares are of all`() {
        let summary = LatencySummary(Samples.cell([100.2, 100.2, 600, 2_500]))
        #expect(abs((summary.p50 ?? 0) - 100.2) < 1)
        #expect(summary.p90 == 2_500)
        #expect(summary.p999 == 2_500)
        #expect(summary.minimum == 100.2)
        #expect(summary.maximum == 2_500)
        #expect(summary.mean == (100.2 + 100.2 + 600 + 2_500) / 4)
        #expect(summary.degradedShare == 0.25)
        #expect(summary.stalledShare == 0.25)
    }

    @Test func `what is all the same is its own quantile`() {
        #expect(LatencySummary(Samples.cell([100.2, 100.2])).p50 == 100.2)
    }

    @Test func `a sum that stopped at the largest number gives a mean that is a number`() {
        let summary = LatencySummary(Samples.cell([1.7e308, 1.7e308, 1.7e308]))
        #expect(summary.mean == 1.7e308)
    }
}
