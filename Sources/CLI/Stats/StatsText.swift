internal import Foundation
internal import Telemetry

/// The answer of `stats` as a table with a chart beside it: of a window the p99 over time, of
/// hours and days a bar for each p99.
struct StatsText {
    private let rows: [StatsRow]
    private let grouping: StatsQuestion.Grouping?
    private let terminal: Terminal
    private let columns: [Table.Column]
    private let isCompared: Bool

    /// Characters of a chart: below the least it shows nothing, above the most nothing more.
    private static let chartWidths = 8...StatsQuestion.stretches

    init(_ rows: [StatsRow], _ grouping: StatsQuestion.Grouping?, _ terminal: Terminal) {
        self.rows = rows
        self.grouping = grouping
        self.terminal = terminal
        isCompared = rows.contains { $0.before != nil }
        columns = Self.columns(grouping, isCompared: isCompared)
    }

    /// The lines of the table; none where there are no rows.
    var lines: [String] {
        guard !rows.isEmpty else { return [] }
        let cells = rows.flatMap(cells)
        guard let width = chartWidth(cells) else {
            let table = Table(columns, fitting: cells, terminal)
            return [table.header] + cells.map(table.line)
        }
        let maxima = maxima
        let charts = rows.flatMap { row in
            self.charts(row, width: width, maximum: maxima[Self.series(row)] ?? 0)
        }
        let full = zip(cells, charts).map { $0 + [Table.Cell($1)] }
        let table = Table(columns + [Table.Column(title: chartTitle)], fitting: full, terminal)
        return [table.header] + full.map(table.line)
    }

    private var chartTitle: String { grouping.hasBuckets ? "P99" : "P99 TREND" }

    /// How wide charts are; nil where the terminal has no room for any.
    private func chartWidth(_ cells: [[Table.Cell]]) -> Int? {
        guard let room = terminal.width else { return Self.chartWidths.upperBound }
        let least = max(Self.chartWidths.lowerBound, chartTitle.count)
        let narrow = Terminal(width: room - Table.gap - least, isColoured: false)
        let left = room - Table.gap - Table(columns, fitting: cells, narrow).width
        return left < least ? nil : min(left, Self.chartWidths.upperBound)
    }

    // MARK: - Columns

    private static func columns(
        _ grouping: StatsQuestion.Grouping?, isCompared: Bool
    ) -> [Table.Column] {
        func number(_ title: String, _ rank: Int?) -> Table.Column {
            Table.Column(title: title, isNumber: true, rank: rank)
        }
        // What is asked for per source keeps the source; else the stage tells more.
        let isPerSource = grouping == .source
        var columns = [
            Table.Column(title: "SOURCE", fit: .start, rank: isPerSource ? nil : 1),
            Table.Column(title: "STAGE", fit: .start, rank: isPerSource ? 1 : nil),
        ]
        if grouping == .stage { columns.removeFirst() }
        if grouping == .hour { columns.append(Table.Column(title: "HOUR")) }
        if grouping == .day { columns.append(Table.Column(title: "DAY")) }
        if isCompared { columns.append(Table.Column(title: "WINDOW")) }
        return columns + [
            number("COUNT", 8), number("MIN", 2), number("MEAN", 4), number("P50", 10),
            number("P90", 5), number("P99", nil), number("P99.9", 3), number("MAX", 6),
            number("DEGRADED", 7), number("STALLED", 9),
        ]
    }

    /// The lines of a row: one, or where windows are compared three.
    private func cells(_ row: StatsRow) -> [[Table.Cell]] {
        var name = [Table.Cell(row.source ?? "", .faint), Table.Cell(row.stage)]
        if grouping == .stage { name.removeFirst() }
        if let bucket = row.bucket { name.append(Table.Cell(bucket.localName)) }
        guard let before = row.before else { return [name + Self.values(row.summary)] }
        let blank = name.map { _ in Table.Cell("") }
        return [
            name + [Table.Cell("now")] + Self.values(row.summary),
            blank + [Table.Cell("before", .faint)] + Self.values(before),
            blank + [Table.Cell("change", .faint)] + Self.changes(row, before),
        ]
    }

    private static func latencies(_ summary: LatencySummary) -> [Double?] {
        [
            summary.minimum, summary.mean, summary.p50, summary.p90, summary.p99, summary.p999,
            summary.maximum,
        ]
    }

    private static func values(_ summary: LatencySummary) -> [Table.Cell] {
        let latencies = latencies(summary).map { Table.Cell($0.map(Wording.fineLatency) ?? "") }
        let degraded = Table.Cell(
            summary.degradedShare.map(Wording.share) ?? "",
            summary.degraded > 0 ? .yellow : .plain)
        let stalled = Table.Cell(
            summary.stalledShare.map(Wording.share) ?? "", summary.stalled > 0 ? .red : .plain)
        return [Table.Cell(String(summary.count))] + latencies + [degraded, stalled]
    }

    private static func changes(_ row: StatsRow, _ before: LatencySummary) -> [Table.Cell] {
        let count = StatsRow.change(of: Double(row.summary.count), from: Double(before.count))
        let changes = zip(latencies(row.summary), latencies(before)).map {
            StatsRow.change(of: $0, from: $1)
        }
        let shares = [row.shareChange(\.degradedShare), row.shareChange(\.stalledShare)]
        return ([count] + changes).map { Table.Cell($0.map(Wording.change) ?? "") }
            + shares.map { Table.Cell($0.map(Wording.points) ?? "") }
    }

    // MARK: - Charts

    /// What shares a scale: a source's stage.
    private static func series(_ row: StatsRow) -> [String?] { [row.source, row.stage] }

    private var maxima: [[String?]: Double] {
        rows.reduce(into: [:]) { maxima, row in
            let values = row.bucket == nil ? row.trend + row.trendBefore : [row.summary.p99]
            let largest = values.compactMap(\.self).max() ?? 0
            maxima[Self.series(row), default: 0] = max(maxima[Self.series(row)] ?? 0, largest)
        }
    }

    /// The chart of each line of a row.
    private func charts(_ row: StatsRow, width: Int, maximum: Double) -> [String] {
        let chart = Chart(hasBlocks: terminal.hasBlocks)
        guard row.bucket == nil else {
            return [chart.bar(row.summary.p99 ?? 0, width: width, maximum: maximum)]
        }
        let now = chart.line(row.trend, width: width, maximum: maximum)
        guard isCompared else { return [now] }
        return [now, chart.line(row.trendBefore, width: width, maximum: maximum), ""]
    }
}

extension StatsQuestion.Grouping? {
    /// Whether rows are hours or days.
    var hasBuckets: Bool { self == .hour || self == .day }
}

extension Wording {
    /// A relative change: `+12.5 %`, `-3.0 %`, `x40` from ten times on, `0 %`.
    static func change(_ change: Double) -> String {
        switch change {
        case 0: "0 %"
        case 9...: String(format: "x%.0f", min(change + 1, 999_999))
        default: String(format: "%+.1f %%", change * 100)
        }
    }

    /// The difference of two shares in percentage points: `+0.25 pp`.
    static func points(_ difference: Double) -> String {
        difference == 0 ? "0 pp" : String(format: "%+.2f pp", difference * 100)
    }
}
