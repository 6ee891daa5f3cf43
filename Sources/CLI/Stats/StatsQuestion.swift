internal import ArgumentParser
internal import LogTail
internal import Observers
internal import Telemetry

/// What `stats` is asked: which rows, and how they are added up.
struct StatsQuestion {
    /// How rows are added up.
    enum Grouping: String, ExpressibleByArgument, CaseIterable {
        /// Per source, stage and hour.
        case hour
        /// Per source, stage and day.
        case day
        /// Per stage, all sources together.
        case stage
        /// Per source, its total latency.
        case source
    }

    /// The stage that is the observed latency itself.
    static let total = "total"

    /// Stretches that a window is cut into for a trend: as many as a chart has columns.
    static let stretches = 32

    var query = LatencyQuery()
    /// Nil: per source and stage.
    var grouping: Grouping?
    /// Where hours and days begin.
    var zone = Zone.utc

    /// The answer, by source, stage (the total first) and time.
    func rows(_ reader: TelemetryReader) throws -> [StatsRow] {
        var query = query
        if grouping == .source, query.stages.isEmpty { query.stages = [Self.total] }
        let rows = try reader.readLatency(matching: query) { view in
            switch grouping {
            case .hour: try buckets(.hour, view)
            case .day: try buckets(.day, view)
            case .stage:
                try Dictionary(grouping: view.series, by: \.stage).values
                    .map { try row(view, of: $0, source: nil) }
            case .source, nil: try view.series.map { try row(view, of: [$0], source: $0.source) }
            }
        }
        return rows.sorted { $0.order < $1.order }
    }

    private func buckets(_ unit: TimeBucket.Unit, _ view: LatencyView) throws -> [StatsRow] {
        var buckets = TimeBuckets(unit, in: zone)
        return try view.series.flatMap { try Self.rows(of: $0, in: &buckets, view) }
    }

    /// A row for each bucket. Only one cell is held at a time: a year has 8,760 hours.
    private static func rows(
        of series: LatencySeries, in buckets: inout TimeBuckets, _ view: LatencyView
    ) throws -> [StatsRow] {
        var rows: [StatsRow] = []
        var open: TimeBucket?
        var cell = emptyCell(series)
        func close() {
            guard let open else { return }
            rows.append(
                StatsRow(
                    source: series.source, stage: series.stage, bucket: open,
                    summary: LatencySummary(cell)))
        }
        try view.forEachMinute(of: series) { minute in
            let bucket = buckets.bucket(ofMinute: minute.minute)
            // Where clocks go back over midnight, the time that comes again is the new day's.
            if open.map({ $0.start < bucket.start }) ?? true {
                close()
                open = bucket
                cell = emptyCell(series)
            }
            try minute.add(to: &cell)
        }
        close()
        return rows
    }

    /// One row of all that the series have in the window.
    private func row(
        _ view: LatencyView, of series: [LatencySeries], source: String?
    ) throws -> StatsRow {
        let window = minutes(of: view.series)
        let count = min(Self.stretches, window.count)
        var stretches = [LatencyCell](repeating: Self.emptyCell(series[0]), count: count)
        for series in series {
            try view.forEachMinute(of: series) { minute in
                let index = Int(minute.minute - window.lowerBound) * count / window.count
                try minute.add(to: &stretches[index])
            }
        }
        var whole = Self.emptyCell(series[0])
        for stretch in stretches { whole.merge(stretch) }
        return StatsRow(
            source: source, stage: series[0].stage, summary: LatencySummary(whole),
            trend: stretches.map { $0.quantile(0.99) })
    }

    private static func emptyCell(_ series: LatencySeries) -> LatencyCell {
        LatencyCell(source: series.source, stage: series.stage, minute: series.firstMinute)
    }

    /// The minutes that a trend spans: from bound to bound of the window where it has them, else
    /// from the first minute that was recorded to the last.
    private func minutes(of series: [LatencySeries]) -> Range<Int64> {
        let first = query.firstMinute ?? series.map(\.firstMinute).min() ?? 0
        let end = query.endMinute ?? (series.map(\.lastMinute).max() ?? first) + 1
        return first..<max(end, first + 1)
    }
}
