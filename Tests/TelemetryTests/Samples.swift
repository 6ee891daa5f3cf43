import Checkpoint
import Observers

@testable import LogTail

/// Rows and batches for tests.
enum Samples {
    /// 2026-06-13T08:55:00Z
    static let start = Timestamp(seconds: 1_781_340_900)

    static func event(
        _ line: Int, kind: EventKind = .overhead, status: EventStatus = .degraded,
        source: String = "headroom-proxy", event: String = "log.overhead", second: Int64 = 0,
        duration: Double? = 612.5, stage: String? = "deep_copy",
        detail: String = #"{"stage":"deep_copy"}"#
    ) -> Event {
        Event(
            seed: EventSeed(
                source: source, kind: kind, offset: Int64(line),
                line: Digest(of: Array("line \(line)".utf8).span)),
            timestamp: Timestamp(nanoseconds: start.nanoseconds + second * 1_000_000_000),
            source: source, event: event, kind: kind, status: status,
            durationMilliseconds: duration, stage: stage, detail: detail)
    }

    static func batch(_ events: [Event]) -> Batch {
        var batch = Batch()
        batch.events = events
        return batch
    }

    static func checkpoint(path: String = "/var/log/proxy.log", offset: Int64) -> CheckpointRecord {
        let bytes = Array("head".utf8)
        let fingerprint = Fingerprint(
            head: Fingerprint.Stretch(of: bytes), tail: Fingerprint.Stretch(of: bytes))
        return CheckpointRecord(
            source: "headroom-proxy", path: path,
            position: Position(
                identity: FileIdentity(device: .max, inode: 1 << 63, birth: -5), offset: offset,
                fingerprint: fingerprint),
            state: #"{"open":[]}"#, bytesRead: offset, linesMatched: 3, linesUnparsed: 1)
    }

    static func cell(_ latencies: [Double], stage: String = "total", minute: Int64 = 0)
        -> LatencyCell
    {
        var cell = LatencyCell(
            source: "headroom-proxy", stage: stage, minute: start.unixMinute + minute)
        for latency in latencies { cell.record(latency, Thresholds(degraded: 500, stall: 2_000)) }
        return cell
    }

    /// A cell as the engine gives it that has committed it before.
    static func stored(_ latencies: [Double], stage: String = "total") -> LatencyCell {
        var cell = cell(latencies, stage: stage)
        cell.isStored = true
        return cell
    }
}
