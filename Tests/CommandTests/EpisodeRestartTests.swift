import Foundation
import TestSupport
import Testing

/// A stall that is under way when logtail is stopped or killed is one episode, not two.
@Suite(.workspaces)
struct EpisodeRestartTests {
    @Test(arguments: [SIGTERM, SIGINT, SIGKILL])
    func `a stop in the middle of an episode leaves one episode with the right count and span`(
        signal: Int32
    ) throws {
        let workspace = try Workspace()
        let log = try LogFile(workspace.log)
        var writer = HeadroomWriter(SeededGenerator(fixed: 7))
        let before = (0..<20).map { _ in writer.quick() }
        let stall = writer.stall(3_000, requests: 8)
        writer.pass(milliseconds: 60_000)
        let after = (0..<20).map { _ in writer.quick() }

        let arguments = [
            "--observer", "headroom", "--timezone", "UTC", "--from-start", workspace.log,
        ]
        let first = try LogtailBinary.start(arguments, in: workspace)
        try first.ready()
        try log.append((before + stall[..<5]).joined())
        try eventually("the breaches are recorded") {
            try TelemetryDatabase(workspace.database).count("overhead") == 5
        }
        _ = try first.stop(signal)
        let database = try TelemetryDatabase(workspace.database)
        #expect(try database.count("stall_episode") == 0)

        try log.append(stall[5].dropLast(40) + "")
        let second = try LogtailBinary.start(arguments, in: workspace)
        try second.ready()
        try log.append(stall[5].suffix(40) + stall[6...].joined() + after.joined())
        // The clock of the log has passed it by, so it closes without anyone's help.
        try eventually("the episode is closed") { try database.count("stall_episode") > 0 }
        #expect(try second.stop() == .code(0))

        let details = try database.details("stall_episode")
        #expect(details.count == 1)
        #expect(details.first?["count"] as? Int == 8)
        #expect(details.first?["late"] == nil)
        _ = try LogtailBinary.run(arguments + ["--once"], in: workspace)
        // Count, sum, start, end and span, to the last digit.
        try Tool.compare(workspace.database, with: [workspace.log])
    }

    @Test func `what is read once and is an open episode is closed at the end`() throws {
        let workspace = try Workspace()
        var writer = HeadroomWriter(SeededGenerator(fixed: 8))
        try workspace.write(Data(writer.stall(900, requests: 3).joined().utf8), to: workspace.log)
        let run = try LogtailBinary.run(
            ["--observer", "headroom", "--from-start", "--once", workspace.log], in: workspace)
        #expect(run.process.exit == .code(0))
        let details = try TelemetryDatabase(workspace.database).details("stall_episode")
        #expect(details.map { $0["count"] as? Int } == [3])
        try Tool.compare(workspace.database, with: [workspace.log])
    }

    @Test func `an episode closes by the wall clock when nothing is written any more`() throws {
        let workspace = try Workspace()
        let log = try LogFile(workspace.log)
        var writer = HeadroomWriter(SeededGenerator(fixed: 9))
        let daemon = try LogtailBinary.start(
            [
                "--observer", "headroom", "--from-start", "--quiet-ms", "50", "--lateness-ms",
                "200", workspace.log,
            ], in: workspace)
        try daemon.ready()
        try log.append(writer.request(total: 800, connect: 5))
        try eventually("the episode is closed", within: .seconds(10)) {
            try TelemetryDatabase(workspace.database).count("stall_episode") == 1
        }
        #expect(try daemon.stop() == .code(0))
    }
}
