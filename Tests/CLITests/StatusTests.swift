import Checkpoint
import Foundation
import LogTail
import Observers
import Syscalls
import Telemetry
import TestSupport
import Testing

@testable import CLI

@Suite struct StatusTests {
    private let now = Timestamp(seconds: 1_781_340_901)

    /// The status of a file of 10 bytes of which 4 were read, after `change`.
    private func tail(
        name: String = "proxy.log", state: String? = nil,
        _ change: (String) throws -> Void = { _ in }
    ) throws -> TailStatus {
        let folder = NSTemporaryDirectory() + "logtail-status-" + UUID().uuidString
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let path = folder + "/" + name
        try Data("abc\ndefgh\n".utf8).write(to: URL(fileURLWithPath: path))
        let status = try #require(try FileStatus(path: path))
        var batch = Batch()
        batch.checkpoints = [
            CheckpointRecord(
                source: "headroom-proxy", path: path,
                position: Position(
                    identity: FileIdentity(
                        device: status.device, inode: status.inode, birth: status.birth),
                    offset: 4, fingerprint: .empty),
                state: state, bytesRead: 4, linesMatched: 1, linesUnparsed: 0)
        ]
        let store = try TelemetryStore(path: folder + "/t.sqlite")
        try store.commit(batch)
        try change(path)
        return try TelemetryReader(path: store.path).checkpoints().map(TailStatus.init)[0]
    }

    private func lag(_ change: (String) throws -> Void = { _ in }) throws -> String {
        String(describing: try tail(change).lag)
    }

    @Test func `lag is what the file holds beyond the position`() throws {
        #expect(try lag() == "bytes(6)")
    }

    @Test func `a file that is another one, shorter or gone has no lag`() throws {
        #expect(try lag { try FileManager.default.removeItem(atPath: $0) } == "missing")
        #expect(
            try lag { path in
                try Data(count: 20).write(to: URL(fileURLWithPath: path + ".new"))
                try FileManager.default.removeItem(atPath: path)
                try FileManager.default.moveItem(atPath: path + ".new", toPath: path)
            } == "replaced")
        #expect(
            try lag { path in
                let file = try #require(FileHandle(forWritingAtPath: path))
                try file.truncate(atOffset: 2)
            } == "replaced")
    }

    @Test func `a compressed file has no lag in bytes, which is nothing to worry about`() throws {
        /// In the place of the file's own bytes, fewer than its contents are.
        func compress(_ path: String) throws {
            let file = try #require(FileHandle(forWritingAtPath: path))
            try file.truncate(atOffset: 0)
            try file.write(contentsOf: [0x1f, 0x8b])
        }
        let tails = try [tail(name: "proxy.log.gz"), tail(compress)]
        let status = status(tails: tails)
        for tail in tails {
            #expect(String(describing: tail.lag) == "compressed")
            #expect(tail.lagBytes == nil)
        }
        #expect(!status.metrics.contains { $0.hasPrefix("logtail_file_lag_bytes") })
        let lines = status.lines(now: now, Terminal(width: nil, isColoured: true))
        #expect(lines.filter { $0.contains(" unknown ") && !$0.contains("[35m") }.count == 2)
    }

    @Test func `a drifting observer shows`() throws {
        func state(_ unparsed: Int) -> String {
            let run =
                unparsed > 0
                ? #","offset":0,"line":"\#(String(repeating: "0", count: 32))","first":"x""# : ""
            return #"{"v":1,"drift":{"v":1,"unparsed":\#(unparsed)\#(run)}}"#
        }
        #expect(try tail(state: state(10)).isDrifting)
        #expect(try !tail(state: state(9)).isDrifting)
        #expect(try !tail(state: state(0)).isDrifting)
        #expect(try !tail(state: "not json").isDrifting)
        #expect(try !tail().isDrifting)
    }

    @Test func `archives that are still to be shipped are listed`() throws {
        let folder = try TemporaryFolder()
        let store = try TelemetryStore(path: folder("t.sqlite"))
        let archive = folder("x.ndjson.20260613T085501Z.gz")
        for path in [archive, archive + ".unshipped", folder("x.ndjson.20260613T085502Z.gz")] {
            try Data().write(to: URL(fileURLWithPath: path))
        }
        try store.positions.move("file:" + folder("x.ndjson"), to: 3)
        try store.positions.move("unix:/b", to: 3)
        let json = try BuiltCommand.run(["status", "--json", "--db", store.path]).output
        #expect(json.contains(#""unshipped":["\#(archive)"]"#))
        #expect(json.components(separatedBy: "unshipped\":").count == 2)
        let text = try BuiltCommand.run(["status", "--db", store.path]).lines
        #expect(text.suffix(2) == ["UNSHIPPED", archive])
        let metrics = try BuiltCommand.run(["status", "--prometheus", "--db", store.path]).lines
        let sink = "file:" + folder("x.ndjson")
        #expect(metrics.contains(#"logtail_sink_unshipped_archives{sink="\#(sink)"} 1"#))
    }

    private func status(
        pid: Int32? = nil, bounds: EventBounds = EventBounds(oldest: nil, latest: 0),
        recordedAt: String? = nil, tails: [TailStatus] = [], counts: [EventCount] = [],
        retention: RetentionState = RetentionState()
    ) -> DaemonStatus {
        DaemonStatus(
            database: "/d", pid: pid, bounds: bounds, recordedAt: recordedAt, tails: tails,
            sinks: [], eventCounts: counts, retention: retention, bytes: (4_096, 1_024))
    }

    private let plain = Terminal(width: nil, isColoured: false)

    @Test func `the object has the columns of the database`() throws {
        let status = status(
            pid: 12, bounds: EventBounds(oldest: 2, latest: 7),
            recordedAt: "2026-06-13T08:54:58.000Z", tails: [try tail(state: "{}")])
        let object = try #require(
            try JSONSerialization.jsonObject(with: Data(status.json.utf8)) as? [String: Any])
        #expect(object["database"] as? String == "/d")
        #expect(object["running"] as? Bool == true)
        #expect(object["pid"] as? Int == 12)
        let tail = try #require((object["tails"] as? [[String: Any]])?.first)
        #expect(
            Set(tail.keys) == [
                "source", "path", "device", "inode", "offset", "fingerprint", "episode",
                "bytes_read", "lines_matched", "lines_unparsed", "lines_oversized", "updated_at",
                "lag_bytes", "drift", "last_read_at",
            ])
        #expect(tail["episode"] as? String == "{}")
        #expect(
            status.lines(now: now, plain).prefix(4) == [
                "database  /d", "daemon    running, process id 12",
                "events    7 recorded, the newest 3 s ago", "size      5.0 KiB",
            ])
    }

    @Test func `a database without a daemon has no process id`() throws {
        #expect(
            status().json
                == #"{"database":"/d","running":false,"pid":null,"oldest":null,"latest":0,"#
                + #""recorded_at":null,"committed_at":null,"database_bytes":4096,"wal_bytes":1024,"#
                + #""tails":[],"sinks":[],"event_counts":[],"retention":{"keep_days":90.0,"#
                + #""keep_events":1000000,"keep_mib":512.0,"events_pruned":0,"#
                + #""undelivered_pruned":0,"latency_pruned":0,"pruned_at":null,"#
                + #""undelivered_at":null}}"#)
        #expect(
            status().lines(now: now, plain) == [
                "database  /d", "daemon    not running", "events    0 recorded",
                "size      5.0 KiB",
            ])
    }

    @Test func `what was pruned shows, and a warning where a bus still waited for it`() {
        var retention = RetentionState()
        retention.eventsPruned = 12
        retention.latencyPruned = 3
        retention.prunedAt = "2026-06-13T08:54:58.000Z"
        #expect(
            status(retention: retention).lines(now: now, plain).last
                == "pruned    12 events and 3 rows of latency, last 3 s ago")
        retention.undeliveredPruned = 4
        retention.undeliveredAt = "2026-06-13T08:54:51.000Z"
        let warning = status(retention: retention).lines(now: now, plain).last
        #expect(warning?.hasPrefix("warning   the limit of size cost 4 events") == true)
    }

    @Test func `the time of the last read is in the state of a tail`() throws {
        let state = #"{"v":1,"drift":{"v":1,"unparsed":0},"read":1781340900123456789}"#
        #expect(try tail(state: state).lastRead?.text == "2026-06-13T08:55:00.123Z")
        #expect(try tail(state: #"{"v":1,"drift":{"v":1,"unparsed":0}}"#).lastRead == nil)
    }
}
