internal import LogTail
internal import Telemetry

/// Latency over time: of each stretch of the window its median, and bands up to its p90 and p99;
/// below them how many requests there were and how many of them were slow.
struct LatencyChart {
    private let contents: ReportContents
    private let source: ReportSource
    /// The stretches in which anything was recorded.
    private let stretches: [Stretch]

    private struct Stretch {
        let minutes: Range<Int64>
        let summary: LatencySummary
        let p50: Double
        let p90: Double
        let p99: Double
    }

    private static let band = 8.0...208.0
    private static let counts = 240.0...280.0

    init(_ contents: ReportContents, _ source: ReportSource) {
        self.contents = contents
        self.source = source
        stretches = zip(contents.stretches, source.stretches).compactMap { minutes, cell in
            let summary = LatencySummary(cell)
            guard let p50 = summary.p50, let p90 = summary.p90, let p99 = summary.p99
            else { return nil }
            return Stretch(minutes: minutes, summary: summary, p50: p50, p90: p90, p99: p99)
        }
    }

    func draw(into markup: inout Markup) {
        markup.element("figure") { markup in
            markup.element("figcaption") { markup in
                markup.element("h3", "Latency over time")
                markup.element("p", ["class": "legend"]) { markup in
                    Self.key("p50", "median", into: &markup)
                    Self.key("to90", "to p90", into: &markup)
                    Self.key("to99", "to p99", into: &markup)
                }
            }
            drawing(into: &markup)
            table(into: &markup)
        }
        markup.newLine()
    }

    private static func key(_ style: String, _ name: String, into markup: inout Markup) {
        markup.element("span", ["class": "key"]) { markup in
            markup.element("i", ["class": style, "aria-hidden": "true"], "")
            markup.append(name)
        }
    }

    private func drawing(into markup: inout Markup) {
        let plot = Plot(
            label: label, height: Self.counts.upperBound + Plot.timeAxisHeight, band: Self.band)
        let time = TimeScale(window: contents.window.minutes)
        let latency = LogScale(covering: stretches.flatMap { [$0.p50, $0.p99] })
        let most = stretches.map(\.summary.count).max() ?? 1
        plot.draw(into: &markup, latency, Wording.tick) { markup in
            func x(_ stretch: Stretch) -> ClosedRange<Double> {
                let start = time.fraction(ofMinute: stretch.minutes.lowerBound)
                return start...max(start, time.fraction(ofMinute: stretch.minutes.upperBound))
            }
            for stretch in stretches {
                let levels = [stretch.p50, stretch.p90, stretch.p99]
                    .map { plot.y(latency.fraction(of: $0)) }
                Plot.box(x(stretch), top: levels[2], bottom: levels[1], "to99", into: &markup)
                Plot.box(x(stretch), top: levels[1], bottom: levels[0], "to90", into: &markup)
                Plot.box(
                    x(stretch), top: levels[0] - 1, bottom: levels[0] + 1, "p50", into: &markup)
                bar(x(stretch), stretch.summary, most, into: &markup)
            }
            Plot.rule(y: Self.counts.upperBound, "base", into: &markup)
            markup.element(
                "text", ["x": "0", "y": Plot.number(Self.counts.lowerBound - 5)],
                "requests, at most \(Wording.grouped(most)), slow ones in red")
            TimeAxis(contents.window).draw(top: Self.counts.upperBound, into: &markup)
            for stretch in stretches { plot.hint(x(stretch), hint(stretch), into: &markup) }
        }
    }

    private func bar(
        _ x: ClosedRange<Double>, _ summary: LatencySummary, _ most: Int64,
        into markup: inout Markup
    ) {
        let bottom = Self.counts.upperBound
        let room = bottom - Self.counts.lowerBound - 2
        func height(_ count: Int64) -> Double { room * Double(count) / Double(most) }
        Plot.box(x, top: bottom - height(summary.count), bottom: bottom, "count", into: &markup)
        let slow = summary.degraded + summary.stalled
        guard slow > 0 else { return }
        Plot.box(x, top: bottom - max(height(slow), 2), bottom: bottom, "slow", into: &markup)
    }

    private func hint(_ stretch: Stretch) -> String {
        let summary = stretch.summary
        let slow = summary.degraded + summary.stalled
        return contents.window.name(of: stretch.minutes, contents.step)
            + "\n\(Wording.count(summary.count, "request"))"
            + (slow > 0 ? ", \(Wording.grouped(slow)) slow" : "")
            + "\nmedian \(Wording.fineLatency(stretch.p50)), p90 "
            + "\(Wording.fineLatency(stretch.p90)), p99 \(Wording.fineLatency(stretch.p99))"
    }

    private var label: String {
        let medians = stretches.map(\.p50)
        let peak = stretches.max { $0.p99 < $1.p99 }
        guard let low = medians.min(), let high = medians.max(), let peak else {
            return "Latency over time: nothing was recorded"
        }
        return "Latency of \(source.name) over time. The median lies between "
            + "\(Wording.fineLatency(low)) and \(Wording.fineLatency(high)); the p99 is highest "
            + "at \(contents.window.name(of: peak.minutes, contents.step)): "
            + "\(Wording.fineLatency(peak.p99)). The table below has all numbers."
    }

    private func table(into markup: inout Markup) {
        let table = ReportTable(
            caption: "Latency of \(source.name) over time, \(contents.window.dayText)",
            columns: [
                .word("Time"), .number("Requests"), .number("Median"), .number("p90"),
                .number("p99"), .number("Max"), .number("Slow"),
            ],
            rows: stretches.map { stretch in
                let summary = stretch.summary
                return [
                    contents.window.name(of: stretch.minutes, contents.step),
                    Wording.grouped(summary.count), Wording.fineLatency(stretch.p50),
                    Wording.fineLatency(stretch.p90), Wording.fineLatency(stretch.p99),
                    summary.maximum.map(Wording.fineLatency) ?? "", Wording.slowShare(summary),
                ]
            })
        table.drawFolded(into: &markup)
    }
}
