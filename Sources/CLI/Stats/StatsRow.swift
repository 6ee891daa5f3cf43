internal import LogTail
internal import Telemetry

/// What `stats` tells of one source and stage, over the window or in one bucket of it.
struct StatsRow {
    /// The source; nil where all of them are added up.
    let source: String?
    let stage: String
    /// The hour or day; nil for the whole window.
    var bucket: TimeBucket?
    let summary: LatencySummary
    /// The p99 of each stretch of the window, nil where nothing was recorded; empty in a bucket.
    var trend: [Double?] = []
    /// The same of the window before, where two are compared.
    var before: LatencySummary?
    /// The trend of the window before.
    var trendBefore: [Double?] = []

    /// Where the row stands among others.
    var order: (String, Int, String, Int64) {
        (source ?? "", stage == StatsQuestion.total ? 0 : 1, stage, bucket?.start ?? 0)
    }

    /// The rows of a window with those of the window before it. A row that only one of them has
    /// counts nothing in the other.
    static func compare(_ now: [StatsRow], with before: [StatsRow]) -> [StatsRow] {
        func names(_ rows: [StatsRow]) -> [[String?]: StatsRow] {
            Dictionary(rows.map { ([$0.source, $0.stage], $0) }) { first, _ in first }
        }
        let current = names(now)
        let previous = names(before)
        let rows = current.merging(previous) { current, _ in current }.map { name, row in
            let none = LatencyCell(source: row.source ?? "", stage: row.stage, minute: 0)
            return StatsRow(
                source: row.source, stage: row.stage,
                summary: current[name]?.summary ?? LatencySummary(none),
                trend: current[name]?.trend ?? [],
                before: previous[name]?.summary ?? LatencySummary(none),
                trendBefore: previous[name]?.trend ?? [])
        }
        return rows.sorted { $0.order < $1.order }
    }
}

extension StatsRow {
    /// The row as one JSON object, with the window before and the change where two are compared.
    var json: String {
        var json = JSONWriter()
        json.object { json in
            json.field("source", source)
            json.field("stage", stage)
            if let bucket { json.field("bucket", bucket.utcName) }
            Self.write(summary, to: &json)
            guard let before else { return }
            json.field("previous") { json in
                json.object { json in Self.write(before, to: &json) }
            }
            json.field("change") { json in
                json.object { json in writeChange(to: &json) }
            }
        }
        return json.text
    }

    private static func write(_ summary: LatencySummary, to json: inout JSONWriter) {
        json.field("count", summary.count)
        json.field("min_ms", summary.minimum)
        json.field("mean_ms", summary.mean)
        json.field("p50_ms", summary.p50)
        json.field("p90_ms", summary.p90)
        json.field("p99_ms", summary.p99)
        json.field("p999_ms", summary.p999)
        json.field("max_ms", summary.maximum)
        json.field("degraded", summary.degraded)
        json.field("stalled", summary.stalled)
    }

    private func writeChange(to json: inout JSONWriter) {
        func field(_ name: String, _ value: (LatencySummary) -> Double?) {
            json.field(name, Self.change(of: value(summary), from: before.flatMap(value)))
        }
        field("count") { Double($0.count) }
        field("min_ms", \.minimum)
        field("mean_ms", \.mean)
        field("p50_ms", \.p50)
        field("p90_ms", \.p90)
        field("p99_ms", \.p99)
        field("p999_ms", \.p999)
        field("max_ms", \.maximum)
        json.field("degraded_share", shareChange(\.degradedShare))
        json.field("stalled_share", shareChange(\.stalledShare))
    }

    /// By which share of `before` a value grew; nil where there was nothing to grow from.
    static func change(of value: Double?, from before: Double?) -> Double? {
        guard let value, let before, before > 0 else { return nil }
        let change = (value - before) / before
        return change.isFinite ? change : nil
    }

    /// By how much a share grew; nil where one of the windows has none.
    func shareChange(_ share: (LatencySummary) -> Double?) -> Double? {
        guard let now = share(summary), let before = before.flatMap(share) else { return nil }
        return now - before
    }
}
