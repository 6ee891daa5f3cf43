import Foundation
import GRDB
import TestSupport
import Testing

/// While the database cannot be written, for whatever reason and however long, reading pauses,
/// one message says so, and afterwards everything is recorded.
@Suite(.workspaces)
struct UnwritableDatabaseTests {
    private static let environment = ProcessInfo.processInfo.environment

    /// How long the disk is full; `LOGTAIL_SECONDS` asks for another time.
    private static let fullFor = seconds(30)
    /// How long another program holds the database.
    private static let heldFor = seconds(10)

    private static func seconds(_ usual: Int) -> Duration {
        .seconds(environment["LOGTAIL_SECONDS"].flatMap { Int($0) } ?? usual)
    }

    @Test(.enabled(if: SmallDisk.isPossible, "nothing may be mounted here"))
    func `a full disk loses nothing, and is reported when it begins and when it ends`() throws {
        let workspace = try Workspace()
        let disk = try SmallDisk(workspace.makeFolder("disk"))
        let log = try FollowedLog(workspace)
        let daemon = try log.start(["--from-start", "--db", disk.path + "/telemetry.sqlite"])
        let requests = try Self.write(log, "early")
        try Self.awaitRows(disk.path + "/telemetry.sqlite", requests)
        try disk.fill()
        let more = try Self.write(log, "full", for: Self.fullFor)
        #expect(daemon.process.isRunning)
        // What is recorded already can still be read.
        try Self.awaitRows(disk.path + "/telemetry.sqlite", requests, isAtLeast: true)
        try Self.awaitTrouble(daemon)
        try disk.free()
        try Self.awaitRows(disk.path + "/telemetry.sqlite", requests + more)
        try Self.expectOneTrouble(daemon)
    }

    @Test(.enabled(if: SmallDisk.isPossible, "nothing may be mounted here"))
    func `a disk that is full at the start is named as the reason`() throws {
        let workspace = try Workspace()
        let disk = try SmallDisk(workspace.makeFolder("disk"))
        let database = disk.path + "/telemetry.sqlite"
        let log = try FollowedLog(workspace)
        try log.write("a")
        #expect(try log.run(["--once", "--db", database]).process.exit == .code(0))
        try disk.fill()
        let run = try log.run(["--once", "--db", database])
        #expect(run.process.exit == .code(1))
        let line = run.complaints.last ?? ""
        #expect(line.contains("\(database): its disk is full; make room"), "\(run.errorLines)")
    }

    @Test func `a database that is held for long loses nothing, and is reported once`() throws {
        let log = try FollowedLog()
        let daemon = try log.start(["--from-start"])
        let requests = try Self.write(log, "early")
        try Self.awaitRows(log.workspace.database, requests)
        let more = try Self.hold(log.workspace.database) {
            try Self.write(log, "held", for: Self.heldFor)
        }
        try Self.awaitRows(log.workspace.database, requests + more)
        try Self.expectOneTrouble(daemon)
    }

    @Test func `a watchdog is fed while another program holds the database`() throws {
        let log = try FollowedLog()
        let workspace = log.workspace
        let supervisor = try NotifyListener(workspace.path("notify"))
        var options = ["--from-start", "--publish", "all", "--bus", "unix:"]
        for name in ["a", "b", "c"] { options += ["--bus", "file:" + workspace.path(name)] }
        let daemon = try log.start(
            options,
            wrapper: [
                "env", "NOTIFY_SOCKET=\(workspace.path("notify"))", "WATCHDOG_USEC=2000000",
            ])
        // Positions of sinks are saved once a second: some are not yet.
        let requests = try Self.write(log, "early", for: .milliseconds(1_500))
        try Self.awaitRows(workspace.database, requests)
        var longest = Duration.zero
        let more = try Self.hold(workspace.database) {
            let end = ContinuousClock.now + .seconds(8)
            var last = ContinuousClock.now
            var count = 0
            var names: [String] = []
            try eventually("the time is over") {
                names += try Self.write(log, "held-\(names.count)")
                let now = ContinuousClock.now
                longest = max(longest, now - last)
                let beats = supervisor.received.count { $0 == "WATCHDOG=1" }
                if beats > count { (last, count) = (now, beats) }
                return now > end
            }
            return names
        }
        #expect(longest < .seconds(4), "a beat is due each second, a commit waits for another")
        try Self.awaitRows(workspace.database, requests + more)
        #expect(try daemon.stop() == .code(0))
    }

    // MARK: The log

    /// Writes requests for some time, rotating now and then; at least a few.
    private static func write(
        _ log: FollowedLog, _ name: String, for duration: Duration = .zero
    ) throws -> [String] {
        var names: [String] = []
        let end = ContinuousClock.now + duration
        repeat {
            for _ in 0..<5 {
                names.append("\(name)-\(names.count)")
                try log.append(log.line(names[names.count - 1]))
            }
            if names.count.isMultiple(of: 100) { try log.turnOver() }
            // A pause between two writes, for what lasts.
            if duration > .zero { usleep(50_000) }
        } while ContinuousClock.now < end
        return names
    }

    private static func awaitRows(
        _ database: String, _ requests: [String], isAtLeast: Bool = false
    ) throws {
        var found: [String] = []
        do {
            try eventually("", within: .seconds(60)) {
                found = try FaultScenario.rows(TelemetryDatabase(database))
                return found == requests || isAtLeast && found.starts(with: requests)
            }
        } catch {
            Issue.record("\(found.count) rows, \(requests.count) expected: \(error)")
        }
    }

    // MARK: What is said

    private static func awaitTrouble(_ daemon: RunningLogtail) throws {
        try eventually("the trouble is reported") {
            daemon.errorLines.contains { $0.contains(" error ") }
        }
    }

    /// One message at the beginning and one at the end, and a daemon that goes on.
    private static func expectOneTrouble(_ daemon: RunningLogtail) throws {
        #expect(try daemon.stop() == .code(0))
        let lines = daemon.errorLines
        #expect(lines.count { $0.contains(" error ") } == 1, "\(lines)")
        #expect(lines.count { $0.contains("info recording again") } == 1, "\(lines)")
        #expect(lines.count { $0.contains(" warning ") } <= 1, "\(lines)")
    }

    /// Does something while another program holds the database.
    private static func hold(_ database: String, _ body: () throws -> [String]) throws -> [String] {
        var configuration = Configuration()
        configuration.allowsUnsafeTransactions = true
        let holder = try DatabaseQueue(path: database, configuration: configuration)
        try holder.writeWithoutTransaction { db in try db.execute(sql: "BEGIN EXCLUSIVE") }
        let requests = try body()
        try holder.writeWithoutTransaction { db in try db.execute(sql: "COMMIT") }
        try holder.close()
        return requests
    }
}
