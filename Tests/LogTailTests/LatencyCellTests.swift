import Testing

@testable import LogTail

@Suite struct LatencyCellTests {
    private let thresholds = Thresholds(degraded: 500, stall: 2_000)

    private func cell(_ values: [Double]) -> LatencyCell {
        var cell = LatencyCell(source: "s", stage: "total", minute: 1)
        for value in values { cell.record(value, thresholds) }
        return cell
    }

    @Test(arguments: [
        (499.999_999, Severity.normal), (500, .degraded), (1_999.999_999, .degraded),
        (2_000, .stall), (-1, .normal), (1e308, .stall),
    ])
    func `a latency at a threshold has reached it`(_ milliseconds: Double, _ severity: Severity) {
        #expect(thresholds.severity(of: milliseconds) == severity)
    }

    @Test func `counts degraded and stalled apart`() {
        let cell = cell([0.5, 500, 700, 2_000, 9_000, 3])
        #expect(cell.count == 6)
        #expect(cell.degraded == 2)
        #expect(cell.stalled == 2)
        #expect(cell.minimum == 0.5)
        #expect(cell.maximum == 9_000)
        #expect(cell.sum == 12_203.5)
    }

    @Test func `merging cells is recording their latencies in one`() {
        let first = [0.25, 500, 64, 2_000]
        let second = [9_000, 0, 32.5]
        var merged = cell(first)
        merged.merge(cell(second))
        #expect(merged == cell(first + second))
        merged.merge(cell([]))
        #expect(merged == cell(first + second))
        var empty = cell([])
        empty.merge(merged)
        #expect(empty == merged)
    }

    @Test func `no quantile lies outside what was seen`() {
        #expect(cell([512.25]).quantile(0.5) == 512.25)
        #expect(cell([512.25, 512.26]).quantile(0.999) == 512.26)
        #expect(cell([-3]).quantile(0.5) == -3)
        #expect(cell([]).quantile(0.5) == nil)
    }

    @Test func `counts stay at the highest number there is`() {
        var full = LatencyCell(
            source: "s", stage: "total", minute: 1, count: .max, sum: 0, minimum: 1, maximum: 1,
            degraded: .max, stalled: .max, sketch: LatencySketch())
        for value in [600.0, 3_000] { full.record(value, thresholds) }
        full.merge(full)
        #expect(full.count == .max)
        #expect(full.degraded == .max)
        #expect(full.stalled == .max)
    }

    @Test func `a sum stays finite`() {
        let huge = Double.greatestFiniteMagnitude
        #expect(cell([huge, huge]).sum == huge)
        #expect(cell([-huge, -huge, -huge]).sum == -huge)
        var merged = cell([huge, huge])
        merged.merge(cell([-huge, -huge]))
        #expect(merged.sum == 0)
    }
}
