import Checkpoint
import Foundation
import GRDB
import LogTail
import Observers
import Testing

@testable import Telemetry

@Suite struct TelemetryStoreTests {
    @Test func `a batch reads back as it was written`() throws {
        let folder = try TemporaryFolder()
        let store = try TelemetryStore(path: folder("a/b/telemetry.sqlite"))
        var batch = Samples.batch([Samples.event(1), Samples.event(2, duration: nil)])
        batch.latency = [Samples.cell([0.25, 612.5, 2_000])]
        batch.checkpoints = [Samples.checkpoint(offset: 4_711)]
        try store.commit(batch)

        let reader = try TelemetryReader(path: store.path)
        let rows = try reader.events(after: 0, limit: 10)
        #expect(rows.map(\.seq) == [1, 2])
        #expect(rows[0].timestamp == "2026-06-13T08:55:00.000Z")
        #expect(rows[0].key == batch.events[0].seed.key(ordinal: 0))
        #expect(rows[0].stage == "deep_copy")
        #expect(rows[0].durationMilliseconds == 612.5)
        #expect(rows[1].durationMilliseconds == nil)
        #expect(try reader.bounds() == EventBounds(oldest: 1, latest: 2))

        let cell = try #require(
            try store.latencyCell(
                source: "headroom-proxy", stage: "total", minute: Samples.start.unixMinute))
        #expect(cell == batch.latency[0])
        let record = try #require(
            try store.checkpoint(source: "headroom-proxy", path: "/var/log/proxy.log"))
        #expect(record.position == batch.checkpoints[0].position)
        #expect(record.state == batch.checkpoints[0].state)
        #expect(try store.stageNames(source: "headroom-proxy") == ["total"])
        #expect(try reader.runningDaemon() == ProcessInfo.processInfo.processIdentifier)
    }
}
