import Checkpoint
import Foundation
import LogTail
import Observers
import Syscalls
import Telemetry
import Testing

@testable import CLI

@Suite struct StatusTests {
    private let now = Timestamp(seconds: 1_781_340_901)

    /// The status of a file of 10 bytes of which 4 were read, after `change`.
    private func tail(
        state: String? = nil, _ change: (String) throws -> Void = { _ in }
    ) throws -> TailStatus {
        let folder = NSTemporaryDirectory() + "logtail-status-" + UUID().uuidString
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let path = folder + "/proxy.log"
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

    @Test func `the object has the columns of the database`() throws {
        let status = DaemonStatus(
            database: "/d", pid: 12, bounds: EventBounds(oldest: 2, latest: 7),
            recordedAt: "2026-06-13T08:54:58.000Z", tails: [try tail(state: "{}")], sinks: [])
        let object = try #require(
            try JSONSerialization.jsonObject(with: Data(status.json.utf8)) as? [String: Any])
        #expect(object["database"] as? String == "/d")
        #expect(object["running"] as? Bool == true)
        #expect(object["pid"] as? Int == 12)
        let tail = try #require((object["tails"] as? [[String: Any]])?.first)
        #expect(
            Set(tail.keys) == [
                "source", "path", "device", "inode", "offset", "fingerprint", "episode",
                "bytes_read", "lines_matched", "lines_unparsed", "updated_at", "lag_bytes",
                "drift", "last_read_at",
            ])
        #expect(tail["episode"] as? String == "{}")
        #expect(
            status.lines(now: now, Terminal(width: nil, isColoured: false)).prefix(3) == [
                "database  /d", "daemon    running, process id 12",
                "events    7 recorded, the newest 3 s ago",
            ])
    }

    @Test func `a database without a daemon has no process id`() throws {
        let status = DaemonStatus(
            database: "/d", pid: nil, bounds: EventBounds(oldest: nil, latest: 0),
            recordedAt: nil, tails: [], sinks: [])
        #expect(
            status.json
                == #"{"database":"/d","running":false,"pid":null,"oldest":null,"latest":0,"#
                + #""recorded_at":null,"tails":[],"sinks":[]}"#)
        #expect(
            status.lines(now: now, Terminal(width: nil, isColoured: false))
                == ["database  /d", "daemon    not running", "events    0 recorded"])
    }
}
