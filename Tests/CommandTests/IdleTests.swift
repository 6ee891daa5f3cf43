import Foundation
import Glibc
import Syscalls
import TestSupport
import Testing

/// What a daemon costs while nothing is written.
@Suite(.workspaces)
struct IdleTests {
    @Test func `a daemon with nothing to do neither wakes up nor takes any time`() async throws {
        let workspace = try Workspace()
        let log = try LogFile(workspace.log)
        var writer = HeadroomWriter(SeededGenerator(fixed: 6))
        // Enough for a thread that reads ahead.
        try log.append(String(repeating: "of no interest\n", count: 500_000))
        let daemon = try LogtailBinary.start(
            [
                "--observer", "headroom", "--from-start", "--quiet-ms", "50", "--lateness-ms",
                "100", "--rotate-wait-ms", "500", workspace.log,
            ], in: workspace)
        try daemon.ready()
        // It has had work: a backlog, a stall, a rotation, and a client that came and went.
        try log.append(writer.stall(800).joined())
        try log.rotate(to: workspace.log + ".1")
        try log.append(writer.traffic(50).joined())
        #expect(try BusClient(workspace.socket).object() != nil)
        try await expectIdle(daemon, threads: 3)
        #expect(try daemon.stop() == .code(0))
    }

    @Test func `a bus whose reader went away costs nothing afterwards`() async throws {
        let workspace = try Workspace()
        let log = try LogFile(workspace.log)
        let pipe = workspace.path("pipe")
        // SAFETY: the path is passed as a string that outlives the call.
        try #require(unsafe mkfifo(pipe, 0o600) == 0)
        let reader = try FileDescriptor(openingToRead: pipe)
        let daemon = try LogtailBinary.start(
            [
                "--observer", "headroom", "--from-start", "--publish", "all", "--quiet-ms", "50",
                "--lateness-ms", "100", "--bus", "stdout:", workspace.log,
            ], in: workspace, output: pipe)
        try daemon.ready()
        _ = consume reader
        var writer = HeadroomWriter(SeededGenerator(fixed: 7))
        try log.append(writer.request(total: 900, connect: 5))
        try eventually("the loss of the reader is reported") {
            daemon.errorLines.contains { $0.contains(" error ") && $0.contains("stdout:") }
        }
        try await expectIdle(daemon, threads: 2)
        #expect(try daemon.stop() == .code(0))
    }

    @Test func `a file that was read last and is gone costs nothing afterwards`() async throws {
        let workspace = try Workspace()
        let folder = try workspace.makeFolder("logs")
        let log = try LogFile(folder + "/proxy-1.log")
        let daemon = try LogtailBinary.start(
            [
                "--observer", "headroom", "--quiet-ms", "50", "--lateness-ms", "100",
                "--rotate-wait-ms", "100", "--bus", "none", folder + "/proxy-*.log",
            ], in: workspace)
        try daemon.ready()
        var writer = HeadroomWriter(SeededGenerator(fixed: 8))
        try log.append(writer.request(total: 900, connect: 5))
        try eventually("the breach is recorded") {
            try TelemetryDatabase(workspace.database).count("overhead") == 1
        }
        try FileManager.default.removeItem(atPath: folder + "/proxy-1.log")
        _ = try await settled(daemon)
        // It is woken by another file, and the one that was read last is there no more.
        try workspace.write(Data(), to: folder + "/other.log")
        try await expectIdle(daemon, threads: 1)
        #expect(try daemon.stop() == .code(0))
    }

    @Test func `what could not be watched for a moment is not looked at by the clock for ever`()
        async throws
    {
        let log = try FollowedLog(in: "a/b")
        let (workspace, folder) = (log.workspace, log.workspace.path("a"))
        try log.makeFolder()
        let other = try FollowedLog(workspace, in: "c")
        try other.makeFolder()
        try log.write("a")
        let daemon = try log.start(
            [
                "--from-start", "--quiet-ms", "50", "--lateness-ms", "100", "--rotate-wait-ms",
                "100", "--bus", "none", other.path, workspace.path("a/*/other-*.log"),
            ], wrapper: LogtailBinary.bound)
        try log.awaitRequests(["a"])
        try workspace.setMode(0o000, of: folder)
        try log.rotate()
        try log.write("b")
        // A folder at the path of a log is none, for as long as it stays there.
        try FileManager.default.createDirectory(
            atPath: other.path, withIntermediateDirectories: false)
        try eventually("both failures are recorded") {
            try log.database().count("read_failed") == 2
        }
        try workspace.setMode(0o755, of: folder)
        try log.awaitRequests(["a", "b"])
        try await expectIdle(daemon, threads: 1)
        try FileManager.default.removeItem(atPath: other.path)
        try other.write("c")
        try FollowedLog(workspace, in: "a/b", named: "other-1.log").write("d")
        try log.awaitRequests(["a", "b", "c", "d"])
        #expect(try daemon.stop() == .code(0))
    }

    @Test(.enabled(if: Strace.isPossible, "strace is missing, or processes may not be traced"))
    func `once there are watches again, nothing is looked at by the clock`() async throws {
        let log = try FollowedLog(in: "a")
        try log.makeFolder()
        try log.write("a")
        let daemon = try log.start(
            [
                "--from-start", "--quiet-ms", "50", "--lateness-ms", "100", "--bus", "none",
                log.workspace.path("a/other-*.log"),
            ], wrapper: Strace.inject("inotify_add_watch", "error=ENOSPC:when=1..20"))
        try log.awaitRequests(["a"])
        try await expectIdle(daemon, threads: 1)
        try log.write("b")
        try FollowedLog(log.workspace, in: "a", named: "other-1.log").write("c")
        try log.awaitRequests(["a", "b", "c"])
        #expect(try daemon.stop() == .code(0))
    }

    /// Waits until nothing happens in a daemon.
    private func settled(_ daemon: RunningLogtail) async throws -> Usage {
        let pid = daemon.process.pid
        // Threads of the run-time's own end within the first seconds.
        var before = try Usage(of: pid)
        var quiet = 0
        for _ in 0..<20 where quiet < 2 {
            // A pause between two looks.
            try await Task.sleep(for: .milliseconds(500))
            let now = try Usage(of: pid)
            quiet = now == before ? quiet + 1 : 0
            before = now
        }
        #expect(quiet == 2, "still busy: \(before)")
        return before
    }

    /// Nothing happens in a daemon that has settled.
    private func expectIdle(_ daemon: RunningLogtail, threads: Int) async throws {
        let before = try await settled(daemon)
        // A pause in which nothing must happen.
        try await Task.sleep(for: .seconds(8))
        let after = try Usage(of: daemon.process.pid)
        #expect(after == before)
        #expect(after.threads <= threads)
    }

    /// What the kernel counts of a process and all of its threads.
    private struct Usage: Equatable {
        var threads = 0
        var switches = 0
        var ticks = 0

        init(of pid: pid_t) throws {
            let tasks = "/proc/\(pid)/task"
            for task in try FileManager.default.contentsOfDirectory(atPath: tasks) {
                threads += 1
                let status = try String(contentsOfFile: "\(tasks)/\(task)/status", encoding: .utf8)
                for line in status.split(separator: "\n") where line.contains("ctxt_switches:") {
                    switches += line.split(separator: "\t").last.flatMap { Int($0) } ?? 0
                }
                // utime and stime, the 12th and 13th after the name in parentheses (proc(5)).
                let stat = try String(contentsOfFile: "\(tasks)/\(task)/stat", encoding: .utf8)
                let fields = stat.split(separator: ")").last?.split(separator: " ") ?? []
                ticks += fields.dropFirst(11).prefix(2).reduce(0) { $0 + (Int($1) ?? 0) }
            }
        }
    }
}
