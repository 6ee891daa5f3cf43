import Foundation
import Syscalls
import TestSupport
import Testing

/// The unix socket of a running daemon.
@Suite(.workspaces, .serialized)
struct BusTests {
    @Test func `a client in the middle of a live run sees each row once, in order`() throws {
        var generator = SeededGenerator()
        let workspace = try Workspace()
        let log = try LogFile(workspace.log)
        var writer = HeadroomWriter(generator)
        let daemon = try Self.start(workspace, ["--publish", "all"])
        let blocks = (0..<150).map { _ in writer.traffic(60).joined() }
        let arrivals = Set((0..<6).map { _ in Int.random(in: 5..<145, using: &generator) })
        var clients: [BusClient] = []
        var bytes = 0
        for (index, block) in blocks.enumerated() {
            if arrivals.contains(index) {
                clients.append(try BusClient(workspace.socket, #"{"since":0}"#))
            }
            try log.append(block)
            bytes += block.utf8.count
            // Now and then nothing is left to read, as in a log that is written to live.
            if Bool.random(using: &generator) { _ = try Self.recorded(bytes, workspace) }
        }
        let total = try Self.recorded(bytes, workspace)
        #expect(total > 300)
        for client in clients {
            let hello = try client.object()
            #expect(hello?["hello"] as? String == "logtail")
            #expect(hello?["truncated"] as? Bool == false)
            #expect(try client.seqs(total) == Array(1...total))
        }
        // Then live ones.
        try log.append(writer.stall(700, requests: 1).joined())
        for client in clients { #expect(try client.seqs(1) == [total + 1]) }
        #expect(try daemon.stop() == .code(0))
        #expect(!workspace.exists(workspace.socket))
    }

    @Test func `an event is the same live and replayed`() throws {
        let workspace = try Workspace()
        let log = try LogFile(workspace.log)
        var writer = HeadroomWriter(SeededGenerator(fixed: 8))
        let daemon = try Self.start(
            workspace, ["--publish", "all", "--quiet-ms", "50", "--lateness-ms", "0"])
        let live = try BusClient(workspace.socket)
        #expect(try live.object()?["hello"] != nil)
        try log.append(writer.stall(900, requests: 3).joined())
        var events: [NSDictionary] = []
        repeat {
            events.append(try #require(try live.object()) as NSDictionary)
        } while events.last?["kind"] as? String != "stall_episode"
        let replay = try BusClient(
            workspace.socket, #"{"since":\#(try #require(events[0]["seq"] as? Int) - 1)}"#)
        #expect(try replay.object()?["hello"] != nil)
        for event in events {
            #expect(try replay.object().map { $0 as NSDictionary } == event)
        }
        let stages = events.filter { $0["stage"] is String }.map { $0["kind"] as? String }
        #expect(Set(stages) == ["overhead", "stall_episode"])
        #expect(try daemon.stop() == .code(0))
    }

    @Test func `a client that never reads slows nothing`() throws {
        let workspace = try Workspace()
        let log = try LogFile(workspace.log)
        var writer = HeadroomWriter(SeededGenerator(fixed: 3))
        let daemon = try Self.start(workspace, ["--publish", "all"])
        let sleeper = try BusClient(workspace.socket, #"{"since":0}"#)
        let reader = try BusClient(workspace.socket, #"{"since":0}"#)
        #expect(try reader.object()?["hello"] != nil)
        var seq = 0
        var bytes = 0
        // Far more than the kernel holds and the daemon lets wait for a client, some 4 MiB.
        for _ in 0..<20 {
            let block = (0..<500).map { _ in writer.request(total: 900, connect: 4) }.joined()
            bytes += block.utf8.count
            try log.append(block)
            let next = try reader.seqs(500, within: .seconds(5))
            try #require(next == Array(seq + 1...seq + 500))
            seq += 500
        }
        _ = try Self.recorded(bytes, workspace)
        // It is given up without having read a byte, and told where it was left.
        try eventually("the sleeper is given up") { sleeper.isClosedByDaemon }
        #expect(try sleeper.object()?["hello"] != nil)
        let (seqs, rest) = try sleeper.seqsToTheEnd()
        #expect(seqs == Array(1...seqs.count))
        #expect(seqs.count < seq)
        #expect(rest == #"{"lagged":true,"seq":\#(seqs.count)}"#)
        #expect(try daemon.stop() == .code(0))
    }

    @Test func `a thousand clients are served under the usual limit of open files`() throws {
        OpenFileLimit.raise(to: 4_096)
        let workspace = try Workspace()
        let log = try LogFile(workspace.log)
        var writer = HeadroomWriter(SeededGenerator(fixed: 4))
        let daemon = try Self.start(
            workspace, ["--publish", "all"],
            wrapper: ["sh", "-c", "ulimit -Sn 1024; exec \"$@\"", "sh"])
        let clients = try (0..<1_000).map { _ in try BusClient(workspace.socket) }
        for client in clients { try #require(try client.object()?["hello"] != nil) }
        try log.append((0..<3).map { _ in writer.request(total: 900, connect: 4) }.joined())
        for client in clients {
            for _ in 0..<3 { try #require(try client.object()?["kind"] as? String == "overhead") }
        }
        #expect(try daemon.stop() == .code(0))
    }

    @Test func `a daemon that comes back goes on where its clients left off`() throws {
        let workspace = try Workspace()
        let log = try LogFile(workspace.log)
        var writer = HeadroomWriter(SeededGenerator(fixed: 5))
        let first = try Self.start(workspace, ["--publish", "all"])
        try log.append(writer.stall(800, requests: 5).joined())
        let before = try BusClient(workspace.socket, #"{"since":0,"kind":"overhead"}"#)
        #expect(try before.object()?["hello"] != nil)
        let seen = try before.seqs(5)
        #expect(try first.stop(SIGKILL) == .signal(SIGKILL))

        // The socket that it left behind is replaced.
        let second = try Self.start(workspace, ["--publish", "all"])
        try log.append(writer.stall(800, requests: 5).joined())
        let after = try BusClient(
            workspace.socket, #"{"since":\#(seen[4]),"kind":"overhead"}"#)
        #expect(try after.object()?["hello"] != nil)
        let more = try after.seqs(5)
        #expect(seen + more == (seen + more).sorted())
        #expect(Set(seen + more).count == 10)
        #expect(try second.stop() == .code(0))
        #expect(try TelemetryDatabase(workspace.database).count("overhead") == 10)
    }

    private static func start(
        _ workspace: Workspace, _ options: [String], wrapper: [String] = []
    ) throws -> RunningLogtail {
        let daemon = try LogtailBinary.start(
            ["--observer", "headroom", "--timezone", "UTC", "--from-start"] + options
                + [workspace.log],
            in: workspace, wrapper: wrapper)
        try daemon.ready()
        return daemon
    }

    /// Waits until all is read; the number of the last event.
    private static func recorded(_ bytes: Int, _ workspace: Workspace) throws -> Int {
        let database = try TelemetryDatabase(workspace.database)
        try eventually("all is recorded") { try database.bytesRead() == bytes }
        return try database.integer("SELECT max(seq) FROM events")
    }
}
