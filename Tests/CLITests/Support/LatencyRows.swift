import Checkpoint
import LogTail
import Observers
import Telemetry
import TestSupport

/// A database of latencies as the daemon writes it.
struct LatencyRows {
    /// 2026-06-13T08:00:00Z
    static let start = Timestamp(seconds: 1_781_337_600)

    let folder: TemporaryFolder
    let path: String
    private let store: TelemetryStore

    init() throws {
        folder = try TemporaryFolder()
        path = folder("telemetry.sqlite")
        store = try TelemetryStore(path: path)
    }

    /// Records latencies in a minute after ``start``.
    func add(
        _ latencies: [Double], minute: Int64, stage: String = "total", source: String = "proxy"
    ) throws {
        try add([Self.cell(latencies, minute: minute, stage: stage, source: source)])
    }

    /// Records an event so many seconds after ``start``.
    func add(
        _ kind: EventKind, _ status: EventStatus, second: Double, source: String = "proxy",
        duration: Double? = nil, detail: String = "{}"
    ) throws {
        var batch = Batch()
        let line = Digest(of: Array("\(kind) \(second) \(detail)".utf8).span)
        batch.events = [
            Event(
                seed: EventSeed(source: source, kind: kind, offset: 0, line: line),
                timestamp: Self.start.advanced(byMilliseconds: second * 1_000), source: source,
                event: "log.overhead", kind: kind, status: status,
                durationMilliseconds: duration, detail: detail)
        ]
        try store.commit(batch)
    }

    /// Records an episode so many seconds after ``start``.
    func addEpisode(
        _ status: EventStatus = .stall, second: Double, peak: Double, span: Double,
        count: Int = 1, stage: String = "queue", source: String = "proxy"
    ) throws {
        var detail = JSONWriter()
        detail.object { json in
            json.field("count", Int64(count))
            json.field("dominant_stage", stage)
            json.field("span_ms", span)
        }
        try add(
            .stallEpisode, status, second: second, source: source, duration: peak,
            detail: detail.text)
    }

    func add(_ cells: [LatencyCell]) throws {
        var batch = Batch()
        batch.latency = cells
        try store.commit(batch)
    }

    static func cell(
        _ latencies: [Double], minute: Int64, stage: String = "total", source: String = "proxy"
    ) -> LatencyCell {
        var cell = LatencyCell(source: source, stage: stage, minute: start.unixMinute + minute)
        for latency in latencies { cell.record(latency, Thresholds(degraded: 500, stall: 2_000)) }
        return cell
    }

    func reader() throws -> TelemetryReader { try TelemetryReader(path: path) }
}
