internal import Foundation
internal import LogTail
internal import Telemetry

/// How latencies are distributed: a histogram over a logarithmic axis, with its quantiles.
struct DistributionChart {
    private let source: ReportSource
    private let summary: LatencySummary
    private let histogram: Histogram
    private let scale: LogScale

    private static let band = 62.0...222.0
    /// The width that latencies of 0 get at the left, where there are any.
    private static let zeroWidth = 0.05

    init(_ source: ReportSource) {
        self.source = source
        summary = LatencySummary(source.total)
        histogram = Histogram(source.total.sketch)
        scale = LogScale(covering: histogram.bars.flatMap { [$0.lower, $0.upper] })
    }

    func draw(into markup: inout Markup) {
        markup.element("figure") { markup in
            markup.element("figcaption") { markup in
                markup.element("h3", "Distribution")
                markup.element("p", ["class": "legend"], "requests by latency, logarithmic")
            }
            drawing(into: &markup)
            table(into: &markup)
        }
        markup.newLine()
    }

    /// Where a latency lies in the width.
    private func x(_ milliseconds: Double) -> Double {
        let start = histogram.zeros > 0 ? Self.zeroWidth : 0
        return start + (1 - start) * scale.fraction(of: milliseconds)
    }

    private func drawing(into markup: inout Markup) {
        let plot = Plot(
            label: label, height: Self.band.upperBound + Plot.axisHeight, band: Self.band)
        let counts = CountScale(to: max(histogram.bars.map(\.count).max() ?? 1, histogram.zeros))
        plot.draw(into: &markup, counts, { Wording.short(Int64($0)) }) { markup in
            func bar(_ range: ClosedRange<Double>, _ count: Int64, _ text: String) {
                guard count > 0 else { return }
                let top = plot.y(counts.fraction(of: Double(count)))
                Plot.box(range, top: top, bottom: Self.band.upperBound, "bar", into: &markup)
                plot.hint(range, text, into: &markup)
            }
            bar(0...Self.zeroWidth * 0.6, histogram.zeros, hint("0 ms", histogram.zeros))
            for entry in histogram.bars {
                let range = x(entry.lower)...max(x(entry.lower), x(entry.upper))
                bar(range, entry.count, hint(Self.name(entry), entry.count))
            }
            Plot.rule(y: Self.band.upperBound, "base", into: &markup)
            axis(into: &markup)
            quantiles(into: &markup)
        }
    }

    private func axis(into markup: inout Markup) {
        let bottom = Self.band.upperBound
        func tick(_ name: String, _ fraction: Double, _ style: String) {
            Plot.tick(fraction, top: bottom, into: &markup)
            Plot.name(name, fraction, y: bottom + 18, style, into: &markup)
        }
        if histogram.zeros > 0 { tick("0", Self.zeroWidth * 0.3, "") }
        let ticks = scale.ticks.filter { histogram.zeros == 0 || x($0) > 3 * Self.zeroWidth }
        // On half a page there is room for five names.
        let shown = ticks.enumerated().filter { ticks.count <= 5 || $0.offset.isMultiple(of: 2) }
        for (index, value) in shown.map(\.element).enumerated() {
            tick(Wording.tick(value), x(value), index.isMultiple(of: 2) ? "" : "wide")
        }
    }

    /// Lines down from the names of the quantiles, which stand below each other since they may
    /// lie close together.
    private func quantiles(into markup: inout Markup) {
        let quantiles = [
            ("median", summary.p50), ("p90", summary.p90), ("p99", summary.p99),
        ]
        let marks = quantiles.enumerated().compactMap { index, quantile in
            quantile.1.map { value in
                (
                    text: "\(quantile.0) \(Wording.fineLatency(value))",
                    x: value > 0 ? x(value) : Self.zeroWidth * 0.3, y: 14 + 17 * Double(index)
                )
            }
        }
        for mark in marks {
            let x = Plot.percent(mark.x)
            markup.shape(
                "line",
                [
                    "class": "mark", "x1": x, "x2": x, "y1": Plot.number(mark.y - 11),
                    "y2": Plot.number(Self.band.upperBound),
                ])
        }
        for mark in marks {
            let isLeft = mark.x > 0.6
            markup.element(
                "text",
                [
                    "class": "quantile", "x": Plot.percent(mark.x), "dx": isLeft ? "-6" : "6",
                    "y": Plot.number(mark.y), "text-anchor": isLeft ? "end" : "start",
                ], mark.text)
        }
    }

    private static func name(_ bar: Histogram.Bar) -> String {
        "\(Wording.fineLatency(bar.lower)) to \(Wording.fineLatency(bar.upper))"
    }

    private func hint(_ range: String, _ count: Int64) -> String {
        "\(range)\n\(Wording.count(count, "request")), \(Wording.share(share(count)))"
    }

    private func share(_ count: Int64) -> Double { Double(count) / Double(max(summary.count, 1)) }

    private var label: String {
        func text(_ value: Double?) -> String { value.map(Wording.fineLatency) ?? "none" }
        return "Distribution of the latencies of \(source.name) over a logarithmic axis: median "
            + "\(text(summary.p50)), p90 \(text(summary.p90)), p99 \(text(summary.p99)), largest "
            + "\(text(summary.maximum)). The table below has all numbers."
    }

    private func table(into markup: inout Markup) {
        var seen: Int64 = 0
        var rows: [[String]] = []
        func add(_ name: String, _ count: Int64) {
            guard count > 0 else { return }
            seen += count
            rows.append([
                name, Wording.grouped(count), Wording.share(share(count)),
                Wording.share(share(seen)),
            ])
        }
        add("0 ms", histogram.zeros)
        for bar in histogram.bars { add(Self.name(bar), bar.count) }
        ReportTable(
            caption: "Distribution of the latencies of \(source.name)",
            columns: [
                .word("Latency"), .number("Requests"), .number("Share"), .number("Up to here"),
            ], rows: rows
        ).drawFolded(into: &markup)
    }
}
