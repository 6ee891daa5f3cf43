import Foundation
import TestSupport
import Testing

/// How a daemon gets on with what started it: signals and sd_notify(3).
@Suite(.workspaces)
struct SupervisionTests {
    @Test func `a supervisor hears of the start, of life and of the end`() throws {
        let workspace = try Workspace()
        let log = try LogFile(workspace.log)
        let supervisor = try NotifyListener(workspace.path("notify"))
        let daemon = try Self.start(
            workspace,
            environment: [
                "NOTIFY_SOCKET": workspace.path("notify"), "WATCHDOG_USEC": "200000",
            ])
        try eventually("READY=1") { supervisor.received.contains("READY=1") }
        let status = supervisor.received.filter { $0.hasPrefix("STATUS=") }
        #expect(status.first?.contains("1 file") == true, "\(status)")
        // What is written after READY=1 is seen.
        var writer = HeadroomWriter(SeededGenerator(fixed: 1))
        try log.append(writer.request(total: 900, connect: 5))
        try eventually("the breach is recorded") {
            try TelemetryDatabase(workspace.database).count("overhead") == 1
        }
        try eventually("WATCHDOG=1, again and again") {
            supervisor.received.count { $0 == "WATCHDOG=1" } >= 4
        }
        #expect(!supervisor.received.contains("STOPPING=1"))
        #expect(try daemon.stop() == .code(0))
        #expect(supervisor.received.contains("STOPPING=1"))
    }

    @Test func `no watchdog is fed that was not asked for, nor one of another process`() throws {
        let workspace = try Workspace()
        let log = try LogFile(workspace.log)
        let supervisor = try NotifyListener(workspace.path("notify"))
        let daemon = try Self.start(
            workspace,
            environment: [
                "NOTIFY_SOCKET": workspace.path("notify"), "WATCHDOG_USEC": "1000",
                "WATCHDOG_PID": "1",
            ])
        // Nothing else is to be told here.
        try eventually("READY=1") { supervisor.received.contains("READY=1") }
        var writer = HeadroomWriter(SeededGenerator(fixed: 1))
        try log.append(writer.request(total: 900, connect: 5))
        try eventually("the breach is recorded") {
            try TelemetryDatabase(workspace.database).count("overhead") == 1
        }
        #expect(try daemon.stop() == .code(0))
        #expect(!supervisor.received.contains("WATCHDOG=1"))
    }

    @Test func `a watchdog may wait for longer than nanoseconds can count`() throws {
        let workspace = try Workspace()
        _ = try LogFile(workspace.log)
        let daemon = try Self.start(
            workspace, environment: ["WATCHDOG_USEC": String(Int64.max)])
        try daemon.ready()
        #expect(try daemon.stop() == .code(0))
    }

    @Test func `what a glob found is followed no longer than it is there, polled too`() throws {
        let log = try FollowedLog(named: "proxy-1.log")
        let workspace = log.workspace
        let supervisor = try NotifyListener(workspace.path("notify"))
        let daemon = try LogtailBinary.start(
            [
                "--observer", "headroom", "--timezone", "UTC", "--poll", "50", "--from-start",
                "--quiet-ms", "20", "--lateness-ms", "20", "--rotate-wait-ms", "50",
                workspace.path("proxy-*.log"),
            ], in: workspace, environment: ["NOTIFY_SOCKET": workspace.path("notify")])
        try daemon.ready()
        try log.write("a")
        try log.awaitRequests(["a"])
        try FileManager.default.removeItem(atPath: log.path)
        let other = try FollowedLog(workspace, named: "proxy-2.log")
        var names = ["a"]
        try eventually("one file is left: \(supervisor.received)") {
            names.append("b\(names.count)")
            try other.write(names[names.count - 1])
            try log.awaitRequests(names)
            return supervisor.received.last { $0.hasPrefix("STATUS=") }?.contains("1 file,") == true
        }
        #expect(try daemon.stop() == .code(0))
    }

    @Test func `a supervisor that is gone does no harm`() throws {
        let workspace = try Workspace()
        try workspace.write(Data(), to: workspace.log)
        let daemon = try Self.start(
            workspace, environment: ["NOTIFY_SOCKET": workspace.path("nobody")])
        #expect(try daemon.stop() == .code(0))
    }

    @Test func `a supervisor that reads nothing does no harm, and hears of the start later`() throws
    {
        let workspace = try Workspace()
        let log = try LogFile(workspace.log)
        let supervisor = try NotifyListener(workspace.path("notify"))
        supervisor.fill()
        let daemon = try Self.start(
            workspace,
            environment: [
                "NOTIFY_SOCKET": workspace.path("notify"), "WATCHDOG_USEC": "2000",
            ])
        var writer = HeadroomWriter(SeededGenerator(fixed: 1))
        try log.append(writer.request(total: 900, connect: 5))
        try eventually("the breach is recorded") {
            try TelemetryDatabase(workspace.database).count("overhead") == 1
        }
        try eventually("READY=1") { supervisor.received.contains("READY=1") }
        #expect(try daemon.stop() == .code(0))
    }

    @Test func `a supervisor hears that a backlog without a breach is gone`() throws {
        let workspace = try Workspace()
        var writer = HeadroomWriter(SeededGenerator(fixed: 1))
        let lines = (0..<1_000).map { _ in writer.request(total: 5, connect: 5) }
        try workspace.write(Data(lines.joined().utf8), to: workspace.log)
        let supervisor = try NotifyListener(workspace.path("notify"))
        let daemon = try Self.start(
            workspace, environment: ["NOTIFY_SOCKET": workspace.path("notify")])
        var status: [String] { supervisor.received.filter { $0.hasPrefix("STATUS=") } }
        try eventually("it is up to date: \(status)", within: .seconds(5)) {
            status.first?.hasSuffix(" bytes behind") == true
                && status.last == "STATUS=following 1 file, up to date"
        }
        #expect(try daemon.stop() == .code(0))
    }

    @Test(arguments: [SIGTERM, SIGINT])
    func `a signal to stop ends it in good order`(signal: Int32) throws {
        let workspace = try Workspace()
        try workspace.write(Data(), to: workspace.log)
        let daemon = try Self.start(workspace)
        #expect(try daemon.stop(signal) == .code(0))
        #expect(daemon.complaints.isEmpty)
        // Nothing is left but the database: the write-ahead log is folded back.
        #expect(!workspace.exists(workspace.database + "-wal"))
        #expect(!workspace.exists(workspace.socket))
        #expect(try TelemetryDatabase(workspace.database).count("tail_stopped") == 1)
    }

    /// A client for which more waits than it can be sent, so that a daemon that stops waits for
    /// it for the grace of two seconds.
    private static func clientThatNeverReads(
        _ workspace: Workspace, _ log: LogFile
    ) throws -> BusClient {
        let client = try BusClient(workspace.socket, #"{"since":0}"#)
        #expect(try client.object()?["hello"] != nil)
        var writer = HeadroomWriter(SeededGenerator(fixed: 2))
        try log.append((0..<3_000).map { _ in writer.request(total: 900, connect: 4) }.joined())
        try eventually("the breaches are recorded") {
            try TelemetryDatabase(workspace.database).count("overhead") == 3_000
        }
        return client
    }

    @Test(arguments: [SIGTERM, SIGINT])
    func `a second signal ends it at once`(signal: Int32) throws {
        let workspace = try Workspace()
        let log = try LogFile(workspace.log)
        let daemon = try Self.start(workspace, ["--publish", "all"])
        let client = try Self.clientThatNeverReads(workspace, log)
        defer { withExtendedLifetime(client) {} }
        daemon.process.send(signal)
        try eventually("it is stopping") {
            try TelemetryDatabase(workspace.database).count("tail_stopped") == 1
        }
        #expect(daemon.process.isRunning)
        daemon.process.send(signal)
        #expect(try daemon.exit(within: .seconds(1)) == .signal(signal))
    }

    @Test func `a client that never reads cannot hold up the end for long`() throws {
        let workspace = try Workspace()
        let log = try LogFile(workspace.log)
        let daemon = try Self.start(workspace, ["--publish", "all"])
        let client = try Self.clientThatNeverReads(workspace, log)
        defer { withExtendedLifetime(client) {} }
        daemon.process.send(SIGTERM)
        #expect(try daemon.exit(within: .seconds(6)) == .code(0))
    }

    /// A run with `--once` that waits for a reader of its output who does not read.
    private static func draining(_ log: FollowedLog, to output: UnreadPipe) throws
        -> RunningLogtail
    {
        try log.append((0..<1_000).map { log.line("r\($0)") }.joined())
        let daemon = try LogtailBinary.start(
            ["--observer", "headroom", "--from-start", "--once", "--publish", "all"]
                + ["--bus", "stdout:", "--drain-timeout-ms", "60000", log.path],
            in: log.workspace, output: output.path)
        try eventually("everything is recorded") {
            try log.database().count("tail_stopped") == 1
        }
        return daemon
    }

    @Test func `a signal cuts what --once waits for its sinks`() throws {
        let log = try FollowedLog()
        let output = try UnreadPipe(log.workspace)
        let daemon = try Self.draining(log, to: output)
        defer { withExtendedLifetime(output) {} }
        daemon.process.send(SIGHUP)
        daemon.process.send(SIGTERM)
        #expect(try daemon.exit(within: .seconds(6)) == .code(0))
    }

    @Test func `a second signal ends --once while it waits for its sinks`() throws {
        let log = try FollowedLog()
        let output = try UnreadPipe(log.workspace)
        let daemon = try Self.draining(log, to: output)
        defer { withExtendedLifetime(output) {} }
        try eventually("the process ends", within: .seconds(1.5)) {
            daemon.process.send(SIGTERM)
            return !daemon.process.isRunning
        }
        #expect(daemon.process.exit == .signal(SIGTERM))
    }

    @Test(arguments: [SIGHUP, SIGPIPE])
    func `other signals do no harm`(signal: Int32) throws {
        let workspace = try Workspace()
        let log = try LogFile(workspace.log)
        let daemon = try Self.start(workspace)
        for _ in 0..<3 { daemon.process.send(signal) }
        var writer = HeadroomWriter(SeededGenerator(fixed: 1))
        try log.append(writer.request(total: 900, connect: 5))
        try eventually("the breach is recorded") {
            try TelemetryDatabase(workspace.database).count("overhead") == 1
        }
        #expect(daemon.process.isRunning)
        #expect(try daemon.stop() == .code(0))
    }

    private static func start(
        _ workspace: Workspace, _ options: [String] = [], environment: [String: String] = [:]
    ) throws -> RunningLogtail {
        let daemon = try LogtailBinary.start(
            ["--observer", "headroom", "--from-start"] + options + [workspace.log],
            in: workspace, environment: environment)
        try daemon.ready()
        return daemon
    }
}
