internal import LogTail
internal import Observers
internal import Telemetry

/// Episodes along the window: when each was, how long it took and how high its latency rose;
/// below that, the worst of them with their numbers.
struct EpisodeChart {
    private let contents: ReportContents
    private let tally: EpisodeTally
    private let name: String
    private let drawn: [RecordedEpisode]

    private static let band = 8.0...118.0
    /// As many rows as a person reads.
    private static let mostRows = 100

    init(_ contents: ReportContents, _ source: ReportSource) {
        self.contents = contents
        tally = source.episodes
        name = source.name
        drawn = tally.worst(EpisodeTally.mostKept)
    }

    func draw(into markup: inout Markup) {
        markup.element("figure") { markup in
            markup.element("figcaption") { markup in
                markup.element("h3", "Episodes")
                if tally.count == 0 {
                    markup.element("p", ["class": "none"], "No request was slow.")
                } else {
                    legend(into: &markup)
                }
            }
            guard tally.count > 0 else { return }
            drawing(into: &markup)
            table(into: &markup)
        }
        markup.newLine()
    }

    private func legend(into markup: inout Markup) {
        markup.element("p", ["class": "legend"]) { markup in
            for (style, count, name) in [
                ("stall", tally.stalls, "stall"), ("degraded", tally.degraded, "degraded"),
            ] where count > 0 {
                markup.element("span", ["class": "key"]) { markup in
                    markup.element("i", ["class": style, "aria-hidden": "true"], "")
                    markup.append(
                        style == "stall"
                            ? Wording.count(Int64(count), name)
                            : "\(Wording.grouped(Int64(count))) \(name)")
                }
            }
            if drawn.count < tally.count {
                markup.append("the \(drawn.count) worst are drawn")
            }
        }
    }

    private func drawing(into markup: inout Markup) {
        let plot = Plot(
            label: label, height: Self.band.upperBound + Plot.timeAxisHeight, band: Self.band)
        let time = TimeScale(window: contents.window.minutes)
        let latency = LogScale(covering: drawn.map(\.peakMilliseconds))
        plot.draw(into: &markup, latency, Wording.tick) { markup in
            Plot.rule(y: Self.band.upperBound, "base", into: &markup)
            TimeAxis(contents.window).draw(top: Self.band.upperBound, into: &markup)
            // Stalls lie above what was degraded.
            for episode in drawn.filter({ !$0.isStall }) + drawn.filter(\.isStall) {
                guard let start = episode.start else { continue }
                let seconds = Double(start.nanoseconds) / 1e9
                let from = time.fraction(ofSecond: seconds)
                let to = time.fraction(ofSecond: seconds + episode.spanMilliseconds / 1_000)
                // What has no width is not drawn at all; its outline is what shows of a second.
                let width = max(to - from, 0.0001)
                // Never so low that it does not show.
                let top = min(
                    plot.y(latency.fraction(of: episode.peakMilliseconds)),
                    Self.band.upperBound - 6)
                markup.element(
                    "rect",
                    [
                        "class": episode.isStall ? "stall" : "degraded", "x": Plot.percent(from),
                        "width": Plot.percent(width), "y": Plot.number(top),
                        "height": Plot.number(Self.band.upperBound - top),
                    ]
                ) { $0.element("title", hint(episode)) }
            }
        }
    }

    private func hint(_ episode: RecordedEpisode) -> String {
        let stage = episode.dominantStage.map { ", mostly \($0)" } ?? ""
        return "\(contents.window.text(of: episode)): \(episode.isStall ? "stall" : "degraded")\n"
            + "peak \(Wording.fineLatency(episode.peakMilliseconds))\(stage)\n"
            + "\(Wording.count(episode.count, "request")) in "
            + Wording.fineLatency(episode.spanMilliseconds)
    }

    private var label: String {
        let worst = drawn.max { $0.peakMilliseconds < $1.peakMilliseconds }
        let peak = worst.map {
            ", the worst at \(contents.window.text(of: $0)) with "
                + Wording.fineLatency($0.peakMilliseconds)
        }
        return "Timeline of the episodes of \(name): \(Wording.count(Int64(tally.stalls), "stall"))"
            + " and \(tally.degraded) degraded\(peak ?? ""). The table below has their numbers."
    }

    private func table(into markup: inout Markup) {
        let shown = tally.worst(Self.mostRows)
        let subject = shown.count < tally.count ? "The \(shown.count) worst episodes" : "Episodes"
        ReportTable(
            caption: "\(subject) of \(name), \(contents.window.dayText)",
            columns: [
                .word("Began"), .word("Status"), .number("Peak"), .number("Length"),
                .number("Requests"), .text("Dominant stage"),
            ],
            rows: shown.map { episode in
                [
                    contents.window.text(of: episode), episode.status,
                    Wording.fineLatency(episode.peakMilliseconds),
                    Wording.fineLatency(episode.spanMilliseconds), Wording.grouped(episode.count),
                    episode.dominantStage ?? "–",
                ]
            }
        ).draw(into: &markup)
    }
}

extension RecordedEpisode {
    fileprivate var isStall: Bool { status == EventStatus.stall.rawValue }

    fileprivate var start: Timestamp? { Timestamp(text: timestamp) }
}

extension ReportWindow {
    /// When an episode began; the text itself where it is no time.
    fileprivate func text(of episode: RecordedEpisode) -> String {
        episode.start.map(text(of:)) ?? episode.timestamp
    }
}
