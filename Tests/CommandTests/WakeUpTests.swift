import Foundation
import TestSupport
import Testing

/// What the daemon asks of the kernel between a line and its row.
@Suite(
    .workspaces,
    .enabled(if: Strace.isPossible, "strace is missing, or processes may not be traced"))
struct WakeUpTests {
    /// A page of the write-ahead log and the header before it.
    private static let frame = 4_096 + 24

    /// Starts a daemon under strace, appends `count` breaches one after the other, each once the
    /// one before is recorded, and stops it.
    private static func record(
        _ count: Int, in workspace: Workspace, wrapper: [String]
    ) throws {
        let log = try LogFile(workspace.log)
        let daemon = try LogtailBinary.start(
            ["--observer", "headroom", "--bus", "none", workspace.log], in: workspace,
            wrapper: wrapper)
        try daemon.ready()
        let database = try TelemetryDatabase(workspace.database)
        var writer = HeadroomWriter(SeededGenerator())
        for number in 1...count {
            // A pause at the pace of a quiet log.
            Thread.sleep(forTimeInterval: 0.02)
            try log.append(writer.request(total: 700, connect: nil))
            try eventually("breach \(number) is recorded") {
                try database.count("overhead") == number
            }
        }
        #expect(try daemon.stop() == .code(0))
    }

    @Test func `a page is one write, and a breach four pages`() throws {
        let workspace = try Workspace()
        let trace = workspace.path("trace")
        let breaches = 8
        try Self.record(
            breaches, in: workspace,
            wrapper: Strace.recordBytes(of: [workspace.database + "-wal"], to: trace))
        let sizes = try DiskRecord.writeSizes(trace)
        let pages = sizes.count { $0 == Self.frame }
        // The log's own header, and the first page after it.
        #expect(sizes.count - pages <= 4, "\(sizes)")
        // The others are the tables, what was said at start and end, and its positions.
        #expect(pages >= 4 * breaches && pages < 4 * breaches + 60, "\(sizes)")
    }

    @Test func `a quiet log is read before it is asked what changed, and no more than twice`()
        throws
    {
        let workspace = try Workspace()
        let trace = workspace.path("trace")
        let breaches = 24
        try Self.record(
            breaches, in: workspace,
            wrapper: Strace.record("?epoll_wait,?epoll_pwait,read,pread64", to: trace) + ["-y"])
        let calls = try String(contentsOfFile: trace, encoding: .utf8).split(separator: "\n")
        func isRead(_ call: Substring) -> Bool {
            call.contains("pread64(") && call.contains(workspace.log)
        }
        let readsAtOnce = zip(calls, calls.dropFirst()).count { call, next in
            call.contains("epoll_") && isRead(next)
        }
        // A slow machine may take a breach for one that comes right after the one before.
        #expect(readsAtOnce > breaches / 2)
        // Each takes a block and the first bytes; a commit needs none of its own.
        #expect(calls.count(where: isRead) < 5 * breaches)
    }

    @Test func `what the next file has belongs to the episode, however late it is looked at`()
        throws
    {
        let workspace = try Workspace()
        let log = try LogFile(workspace.log)
        let daemon = try LogtailBinary.start(
            [
                "--observer", "headroom", "--quiet-ms", "500", "--lateness-ms", "0", "--bus",
                "none", workspace.log,
            ], in: workspace)
        try daemon.ready()
        let database = try TelemetryDatabase(workspace.database)
        var writer = HeadroomWriter(SeededGenerator())
        try log.append(writer.request(total: 700, connect: nil))
        try eventually("the breach is recorded") { try database.count("overhead") == 1 }
        daemon.process.send(SIGSTOP)
        try log.rotate(to: workspace.log + ".1")
        writer.pass(milliseconds: 100)
        try log.append(writer.request(total: 700, connect: nil))
        // A pause in which the episode would be over if nothing came any more.
        Thread.sleep(forTimeInterval: 0.8)
        daemon.process.send(SIGCONT)
        try eventually("the episode is recorded") { try database.count("stall_episode") == 1 }
        #expect(try daemon.stop() == .code(0))
        #expect(try database.details("stall_episode").map { $0["count"] as? Int } == [2])
    }
}
