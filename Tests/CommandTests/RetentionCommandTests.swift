import Foundation
import GRDB
import Syscalls
import TestSupport
import Testing

/// Retention as a user meets it.
@Suite(.workspaces)
struct RetentionCommandTests {
    private let workspace: Workspace
    private let run = ["run", "--observer", "headroom", "--from-start", "--timezone", "UTC"]

    init() throws {
        workspace = try Workspace()
    }

    /// A log of that many stalls, a minute apart.
    private func writeLog(stalls: Int, requests: Int = 1) throws {
        var writer = HeadroomWriter(SeededGenerator(fixed: 7))
        var lines: [String] = []
        for _ in 0..<stalls {
            writer.pass(milliseconds: 60_000)
            lines += writer.stall(2_500, requests: requests)
        }
        try workspace.write(Data(lines.joined().utf8), to: workspace.log)
    }

    private func logtail(
        _ arguments: [String]
    ) throws -> (RunningLogtail, TestSupport.ChildProcess.Exit) {
        let running = try LogtailBinary.run(arguments, in: workspace)
        return (running, try running.exit())
    }

    private func object(_ arguments: [String]) throws -> [String: Any] {
        let (running, _) = try logtail(arguments)
        let line = try #require(running.outputLines.first, "\(running.errorLines)")
        let object = try JSONSerialization.jsonObject(with: Data(line.utf8))
        return try #require(object as? [String: Any])
    }

    private func size(_ path: String) -> Int64 {
        ((try? FileStatus(path: path)) ?? nil)?.size ?? 0
    }

    @Test func `a flood of traffic never takes a quarter more than the limit`() throws {
        try writeLog(stalls: 800, requests: 20)
        let daemon = try LogtailBinary.start(
            run + ["--once", "--bus", "none", "--keep-mib", "4", workspace.log], in: workspace)
        var most: Int64 = 0
        while daemon.process.isRunning {
            most = max(most, size(workspace.database) + size(workspace.database + "-wal"))
            // To look often, and leave the processor to who is looked at.
            Clock.rest(nanoseconds: 1_000_000)
        }
        #expect(try daemon.exit() == .code(0))
        #expect(most > 3 << 20)
        #expect(most <= 5 << 20)
        let database = try TelemetryDatabase(workspace.database)
        #expect(try database.rows("PRAGMA integrity_check") == [["ok"]])
        #expect(try database.integer("SELECT events_pruned FROM retention") > 1_000)
        #expect(try database.integer("SELECT latency_pruned FROM retention") > 100)
    }

    @Test func `who asks for pruned rows is told, by events and on the bus`() throws {
        try writeLog(stalls: 40)
        let keep = ["--keep-events", "10"]
        _ = try logtail(run + ["--once", "--bus", "none"] + keep + [workspace.log])
        let oldest = try TelemetryDatabase(workspace.database)
            .integer("SELECT min(seq) FROM events")
        #expect(oldest > 1)
        let (lacking, code) = try logtail(["events", "--after", "0", "--json"])
        #expect(code == .code(3))
        #expect(lacking.outputLines.count >= 10)
        #expect(lacking.complaints.count == 1)
        let (_, whole) = try logtail(["events", "--after", "\(oldest - 1)"])
        #expect(whole == .code(0))

        let daemon = try LogtailBinary.start(
            run + ["--bus", "unix:\(workspace.socket)"] + keep + [workspace.log], in: workspace)
        try daemon.ready()
        let client = try BusClient(workspace.socket, #"{"since":0}"#)
        #expect(try client.object()?["truncated"] as? Bool == true)
        #expect(try daemon.stop() == .code(0))
    }

    @Test func `a daemon that starts prunes what has become too old meanwhile`() throws {
        try writeLog(stalls: 300)
        _ = try logtail(run + ["--once", "--bus", "none", workspace.log])
        try DatabaseQueue(path: workspace.database).write { db in
            try db.execute(sql: "UPDATE events SET recorded_at = '2020' WHERE seq <= 400")
            try db.execute(sql: "UPDATE latency SET recorded_at = '2020'")
        }
        let daemon = try LogtailBinary.start(
            run + ["--bus", "none", "--keep-days", "30", workspace.log], in: workspace)
        try daemon.ready()
        let database = try TelemetryDatabase(workspace.database)
        try eventually("old rows are gone") {
            try database.integer("SELECT min(seq) FROM events") == 401
                && database.integer("SELECT count(*) FROM latency") == 0
        }
        let status = try object(["status", "--json"])
        let retention = try #require(status["retention"] as? [String: Any])
        #expect(retention["events_pruned"] as? Int == 400)
        #expect(retention["keep_days"] as? Int == 30)
        #expect(try daemon.stop() == .code(0))
    }

    @Test func `prune goes by the daemon's limits, beside it or without it`() throws {
        try writeLog(stalls: 200)
        let daemon = try LogtailBinary.start(
            run + ["--bus", "none", "--keep-events", "150", workspace.log], in: workspace)
        try daemon.ready()
        let database = try TelemetryDatabase(workspace.database)
        let count = "SELECT count(*) FROM events"
        try eventually("the log is read and pruned") {
            try database.integer("SELECT max(seq) FROM events") > 390
                && database.integer(count) == 150
        }
        let preview = try object(["prune", "--dry-run", "--keep-events", "20", "--json"])
        #expect(preview["events"] as? Int == 130)
        #expect(try database.integer(count) == 150)
        let (pruned, code) = try logtail(["prune", "--keep-events", "20"])
        #expect(code == .code(0))
        #expect(pruned.outputLines.first == "pruned 130 events and 0 latency rows")
        #expect(try database.integer(count) == 20)
        #expect(try daemon.stop() == .code(0))

        // The notice that the tail stopped is one event more than the daemon's limit.
        let again = try object(["prune", "--json"])
        #expect(again["keep_events"] as? Int == 150)
        #expect(again["events"] as? Int == 0)
        #expect(
            try object(["prune", "--keep-days", "0.0000001", "--json"])["events"] as? Int == 21)
    }

    @Test(arguments: [
        ["--keep-days", "-1"], ["--keep-days", "nan"], ["--keep-days", "inf"],
        ["--keep-mib", "-0.5"], ["--keep-mib", "much"], ["--keep-events", "-1"],
        ["--keep-events", "1.5"],
    ])
    func `a limit that is no number from zero on is refused`(option: [String]) throws {
        for command in [["prune"], run] {
            let (running, code) = try logtail(command + option)
            #expect(code == .code(64))
            #expect(running.complaints.count == 1)
            #expect(running.complaints.first?.contains(option[0]) == true)
        }
    }

    @Test func `there is nothing to prune where there is no database`() throws {
        let (running, code) = try logtail(["prune"])
        #expect(code == .code(66))
        #expect(!workspace.exists(workspace.database))
        #expect(running.complaints.count == 1)
    }

    @Test func `metrics can be had with a daemon and without one, and not as JSON`() throws {
        try writeLog(stalls: 3)
        let daemon = try LogtailBinary.start(
            run + ["--bus", "none", workspace.log], in: workspace)
        try daemon.ready()
        #expect(try logtail(["status", "--prometheus"]).0.outputLines.contains("logtail_up 1"))
        #expect(try daemon.stop() == .code(0))
        let lines = try logtail(["status", "--prometheus"]).0.outputLines
        #expect(lines.contains("logtail_up 0"))
        let label = #"{source="headroom-proxy",path="\#(workspace.log)"}"#
        #expect(lines.contains("logtail_file_lines_matched_total\(label) 3"))
        #expect(lines.contains("logtail_file_lag_bytes\(label) 0"))
        #expect(try logtail(["status", "--prometheus", "--json"]).1 == .code(64))
    }
}
