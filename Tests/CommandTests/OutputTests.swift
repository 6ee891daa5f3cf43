import Foundation
import Syscalls
import TestSupport
import Testing

/// What goes to standard output and to the bus.
@Suite(.workspaces)
struct OutputTests {
    @Test func `stdout gets one JSON object a line for each episode and notice`() throws {
        let workspace = try Workspace()
        try workspace.write(RealLog.large.bytes(), to: workspace.log)
        let run = try Self.once(workspace, ["--bus", "stdout:"])
        #expect(run.process.exit == .code(0), "\(run.errorLines)")
        let objects = try run.outputLines.map(Self.object)
        let kinds = objects.map { $0["kind"] as? String ?? "" }
        let database = try TelemetryDatabase(workspace.database)
        #expect(try kinds.count { $0 == "stall_episode" } == database.count("stall_episode"))
        #expect(Set(kinds) == ["tail_started", "stall_episode", "tail_stopped"])
        let seqs = objects.compactMap { $0["seq"] as? Int }
        #expect(seqs == seqs.sorted() && seqs.count == objects.count)
        for object in objects where object["kind"] as? String == "stall_episode" {
            let detail = try #require(object["detail"] as? [String: Any])
            #expect(
                Set(object.keys) == [
                    "seq", "key", "ts", "event", "kind", "source", "severity", "value_ms",
                    "stage", "detail",
                ])
            #expect(object["event"] as? String == "log.overhead")
            #expect(object["source"] as? String == "headroom-proxy")
            #expect(object["value_ms"] as? Double == detail["peak_ms"] as? Double)
            #expect(object["stage"] as? String == detail["dominant_stage"] as? String)
        }
    }

    @Test func `with --publish all every breach goes out too`() throws {
        let workspace = try Workspace()
        try workspace.write(RealLog.large.bytes(), to: workspace.log)
        let run = try Self.once(workspace, ["--bus", "stdout:", "--publish", "all"])
        let seqs = try run.outputLines.map { try Self.object($0)["seq"] as? Int }
        let last = try TelemetryDatabase(workspace.database).integer("SELECT max(seq) FROM events")
        #expect(last > 500)
        #expect(seqs == Array(1...last))
    }

    @Test func `names of the event and of the source are those that were asked for`() throws {
        let workspace = try Workspace()
        try workspace.write(RealLog.small.bytes(), to: workspace.log)
        let run = try Self.once(
            workspace, ["--bus", "stdout:", "--event", "proxy.slow", "--source", "my-proxy"])
        #expect(!run.outputLines.isEmpty)
        for line in run.outputLines {
            let object = try Self.object(line)
            #expect(object["event"] as? String == "proxy.slow")
            #expect(object["source"] as? String == "my-proxy")
        }
        let rows = try TelemetryDatabase(workspace.database).rows(
            """
            SELECT source FROM latency UNION SELECT source FROM checkpoints
             UNION SELECT source FROM events
            """)
        #expect(rows == [["my-proxy"]])
    }

    @Test func `a reader of standard output that goes away ends that bus and nothing else`() throws
    {
        let workspace = try Workspace()
        let log = try LogFile(workspace.log)
        let pipe = workspace.path("pipe")
        // SAFETY: the path is passed as a string that outlives the call.
        try #require(unsafe mkfifo(pipe, 0o600) == 0)
        let reader = try FileDescriptor(openingToRead: pipe)
        let daemon = try LogtailBinary.start(
            ["--observer", "headroom", "--from-start", "--publish", "all"]
                + ["--bus", "stdout:", "--bus", "unix:", workspace.log],
            in: workspace, output: pipe)
        try daemon.ready()
        let client = try BusClient(workspace.socket, #"{"kind":"overhead"}"#)
        #expect(try client.object()?["hello"] != nil)
        _ = consume reader
        var writer = HeadroomWriter(SeededGenerator(fixed: 1))
        try log.append(writer.request(total: 900, connect: 5))
        #expect(try client.object()?["kind"] as? String == "overhead")
        try eventually("the loss of the reader is reported") {
            daemon.errorLines.contains { $0.contains(" error ") && $0.contains("stdout:") }
        }
        try log.append(writer.request(total: 900, connect: 5))
        #expect(try client.object()?["kind"] as? String == "overhead")
        #expect(try daemon.stop() == .code(0))
    }

    @Test func `a run that would wait for ever for its sinks ends when they are done`() throws {
        let log = try FollowedLog()
        try log.write("a")
        let run = try log.run(["--from-start", "--once", "--drain-timeout-ms", "1e30"])
        #expect(run.process.exit == .code(0))
        try log.awaitRequests(["a"])
    }

    @Test func `what nobody took in time is delivered by the next run`() throws {
        let workspace = try Workspace()
        try workspace.write(RealLog.large.bytes(), to: workspace.log)
        let pipe = workspace.path("pipe")
        // SAFETY: the path is passed as a string that outlives the call.
        try #require(unsafe mkfifo(pipe, 0o600) == 0)
        let reader = try FileDescriptor(openingToRead: pipe)
        let run = try LogtailBinary.start(
            RealLog.large.options + ["--from-start", "--once", "--publish", "all"]
                + ["--bus", "stdout:", "--drain-timeout-ms", "100", workspace.log],
            in: workspace, output: pipe)
        #expect(try run.exit(within: .seconds(5)) == .code(0))
        var buffer = [UInt8](repeating: 0, count: 1 << 20)
        let count = try reader.read(into: &buffer) ?? 0
        let first = String(decoding: buffer[..<count], as: UTF8.self).split(separator: "\n")

        let rest = try Self.once(workspace, ["--bus", "stdout:", "--publish", "all"])
        // A line that was cut off at the end comes again, and none is missing.
        let seqs = try (first.dropLast().map(String.init) + rest.outputLines)
            .compactMap { try Self.object($0)["seq"] as? Int }
        let last = try TelemetryDatabase(workspace.database).integer("SELECT max(seq) FROM events")
        #expect(first.count > 10 && rest.outputLines.count > 10)
        #expect(Set(seqs) == Set(1...last))
    }

    @Test func `standard error can be JSON, and quieter`() throws {
        let workspace = try Workspace()
        try workspace.write(Data(), to: workspace.log)
        let loud = try Self.once(workspace, ["--bus", "none", "--log-format", "json"])
        #expect(!loud.errorLines.isEmpty)
        for line in loud.errorLines {
            #expect(Set(try Self.object(line).keys) == ["ts", "level", "message"])
        }
        let quiet = try Self.once(workspace, ["--bus", "none", "--log-level", "error"])
        #expect(quiet.errorLines.isEmpty)
    }

    @Test(arguments: [("$(stat -L -c %d:%i /proc/self/fd/2)", true), ("8:1", false), ("", false)])
    func `standard error has priorities where the journal reads it, else times`(
        stream: String, isJournal: Bool
    ) throws {
        let log = try FollowedLog()
        try log.write("a")
        let script = "JOURNAL_STREAM=\(stream) exec \"$@\""
        let run = try LogtailBinary.run(
            ["--observer", "headroom", "--once", "--bus", "none", log.path], in: log.workspace,
            wrapper: ["sh", "-c", script, "sh"])
        #expect(run.process.exit == .code(0))
        let first = try #require(run.errorLines.first)
        #expect(first.hasPrefix("<6>following ") == isJournal, "\(first)")
        #expect(first.contains("Z info following ") == !isJournal, "\(first)")
    }

    private static func once(_ workspace: Workspace, _ options: [String]) throws -> RunningLogtail {
        try LogtailBinary.run(
            RealLog.large.options + ["--from-start", "--once"] + options + [workspace.log],
            in: workspace)
    }

    private static func object(_ line: String) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    }
}
