import Foundation
import Testing

/// What a daemon costs while nothing is written.
@Suite(.workspaces)
struct IdleTests {
    @Test func `a daemon with nothing to do neither wakes up nor takes any time`() async throws {
        let workspace = try Workspace()
        let log = try LogFile(workspace.log)
        var writer = HeadroomWriter(SeededGenerator(fixed: 6))
        let daemon = try LogtailBinary.start(
            [
                "--observer", "headroom", "--from-start", "--quiet-ms", "50", "--lateness-ms",
                "100", "--rotate-wait-ms", "500", workspace.log,
            ], in: workspace)
        try daemon.ready()
        // It has had work: a stall, a rotation, and a client that came and went.
        try log.append(writer.stall(800).joined())
        try log.rotate(to: workspace.log + ".1")
        try log.append(writer.traffic(50).joined())
        #expect(try BusClient(workspace.socket).object() != nil)
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
        // A pause in which nothing must happen.
        try await Task.sleep(for: .seconds(8))
        let after = try Usage(of: pid)
        #expect(after == before)
        #expect(after.threads <= 3)
        #expect(try daemon.stop() == .code(0))
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
