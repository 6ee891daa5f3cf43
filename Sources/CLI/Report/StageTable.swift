internal import LogTail
internal import Telemetry

/// Where the time went: of each stage its share of the observed latency, as a bar in a table.
struct StageTable {
    private let source: ReportSource
    private let rows: [Row]

    private struct Row {
        let stage: String
        let share: Double
        let summary: LatencySummary
        let dominated: Int
    }

    /// What an upstream names is a dozen or two; what lies beyond took the least time.
    private static let mostRows = 24

    init(_ source: ReportSource) {
        self.source = source
        let total = source.total.sum
        rows = source.stages
            .map { stage in
                Row(
                    stage: stage.stage, share: total > 0 ? max(0, stage.sum / total) : 0,
                    summary: LatencySummary(stage),
                    dominated: source.episodes.dominance[stage.stage] ?? 0)
            }
            .sorted { ($1.share, $0.stage) < ($0.share, $1.stage) }
    }

    func draw(into markup: inout Markup) {
        guard !rows.isEmpty else { return }
        markup.element("figure") { markup in
            markup.element("figcaption") { markup in
                markup.element("h3", "Share by stage")
                markup.element(
                    "p", ["class": "legend"],
                    "of the whole latency, and episodes it was dominant in; stages may overlap")
            }
            table(into: &markup)
            if rows.count > Self.mostRows {
                markup.element(
                    "p", ["class": "note"],
                    "\(rows.count - Self.mostRows) more stages took less than these.")
            }
        }
        markup.newLine()
    }

    private func table(into markup: inout Markup) {
        // A stage beside the latency may be longer than all of it.
        let longest = max(rows.first?.share ?? 1, 1)
        ReportTable.scrolling("Share of stages", into: &markup) { markup in
            markup.element("table", ["class": "stages"]) { markup in
                markup.element(
                    "caption", ["class": "unseen"],
                    "Share of the stages of \(source.name) in its latency")
                let columns: [ReportTable.Column] = [
                    .text("Stage"), .number("Share"), .extra("Median"), .number("p99"),
                    .number("Episodes"),
                ]
                ReportTable.head(columns, into: &markup)
                markup.element("tbody") { markup in
                    for row in rows.prefix(Self.mostRows) {
                        draw(row, longest, columns, into: &markup)
                    }
                }
            }
        }
    }

    private func draw(
        _ row: Row, _ longest: Double, _ columns: [ReportTable.Column], into markup: inout Markup
    ) {
        markup.element("tr") { markup in
            markup.element("th", ["scope": "row"]) { markup in
                markup.append(name: row.stage)
                markup.element("svg", ["class": "share", "height": "6", "aria-hidden": "true"]) {
                    $0.shape("rect", ["class": "track", "width": "100%", "height": "6"])
                    $0.shape(
                        "rect",
                        ["class": "bar", "width": Plot.percent(row.share / longest), "height": "6"])
                }
            }
            let cells = [
                Wording.share(row.share), row.summary.p50.map(Wording.fineLatency) ?? "",
                row.summary.p99.map(Wording.fineLatency) ?? "",
                row.dominated > 0 ? Wording.grouped(Int64(row.dominated)) : "–",
            ]
            for (column, cell) in zip(columns.dropFirst(), cells) {
                markup.element("td", ["class": column.style], cell)
            }
        }
        markup.newLine()
    }
}
