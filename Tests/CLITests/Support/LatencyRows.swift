import LogTail
import Observers
import Telemetry

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
