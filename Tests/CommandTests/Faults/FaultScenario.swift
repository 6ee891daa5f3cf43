import Foundation
import TestSupport
import Testing

/// The same things that happen to a log each time, with a daemon that follows it and may be killed
/// at any of them: rows, partial lines, rotation with and without gzip, copy and truncation, a
/// restart.
final class FaultScenario {
    /// Which of the two daemons something is done to.
    enum Stage: CaseIterable, Sendable {
        /// The one that has no database yet.
        case first
        /// The one that finds a checkpoint, and rotations that went on without it.
        case second
    }

    let workspace: Workspace
    private(set) var deaths = 0
    /// What the daemons said, and how the last one of each stage was called.
    private(set) var errorLines: [String] = []
    private(set) var pids: [Stage: pid_t] = [:]
    private let log: FollowedLog
    private let wrappers: [Stage: [String]]
    /// The requests that were logged, in order.
    private(set) var expected: [String] = []
    private var daemon: RunningLogtail?

    /// A scenario in which the daemons of some stages are run by a wrapper.
    init(_ wrappers: (Workspace) -> [Stage: [String]] = { _ in [:] }) throws {
        log = try FollowedLog()
        workspace = log.workspace
        self.wrappers = wrappers(workspace)
    }

    /// Lets everything happen, and checks that every line was recorded once.
    func run() throws {
        try runFirstStage()
        try rest()
        try runSecond()
        try check()
    }

    /// Lets happen what the first daemon sees.
    func runFirstStage() throws {
        try prepare()
        try runFirst()
    }

    // MARK: What happens

    private func prepare() throws {
        try write(2)
        try log.turnOver()
        try gzip(1)
        try write(2)
        try log.turnOver()
        try write(1)
    }

    private func runFirst() throws {
        try start(.first)
        try settle()
        try writeInParts()
        try settle()
        try log.turnOver()
        try gzip(2)
        try write(2)
        try settle()
        try copyAndTruncate()
        try write(1)
        try settle()
        try log.turnOver()
        try write(1)
        try log.turnOver()
        try write(1)
        try settle()
        try stop()
    }

    private func rest() throws {
        try write(1)
        try log.turnOver()
        try gzip(1)
        try write(1)
        try log.turnOver()
        try write(1)
    }

    private func runSecond() throws {
        try start(.second)
        try settle()
        try copyAndTruncate()
        try write(2)
        try settle()
        try log.turnOver()
        try gzip(1)
        try write(1)
        try settle()
        try stop()
    }

    private func write(_ count: Int) throws {
        for _ in 0..<count {
            expected.append(nextName)
            try log.append(log.line(nextNameWritten))
        }
    }

    private var nextName: String { "r\(100 + expected.count)" }
    private var nextNameWritten: String { expected[expected.count - 1] }

    private func writeInParts() throws {
        expected.append(nextName)
        let line = log.line(nextNameWritten)
        try log.append(line.prefix(line.count / 2))
        try log.append(line.dropFirst(line.count / 2))
    }

    // MARK: What rotates

    private func gzip(_ number: Int) throws {
        _ = try Tool.gzip(["\(log.path).\(number)"])
    }

    private func copyAndTruncate() throws {
        try log.shift()
        try FileManager.default.copyItem(atPath: log.path, toPath: log.path + ".1")
        try log.truncate()
    }

    // MARK: The daemon

    /// How the daemons are called.
    var arguments: [String] {
        [
            "--observer", "headroom", "--timezone", "UTC", "--from-start", "--bus", "none",
            log.path,
        ]
    }

    private func start(_ stage: Stage) throws {
        try start(wrappers[stage] ?? [])
        pids[stage] = daemon?.process.pid
    }

    private func start(_ wrapper: [String]) throws {
        let daemon = try LogtailBinary.start(
            arguments, in: workspace, wrapper: wrapper)
        self.daemon = daemon
        try daemon.ready()
    }

    /// Waits until everything that was written is recorded, and starts the daemon again where it
    /// has died.
    private func settle() throws {
        var found: [String] = []
        do {
            try eventually("", within: .seconds(30)) {
                if daemon?.process.isRunning != true { try restart() }
                found = (try? rows()) ?? []
                return found.count >= expected.count
            }
        } catch {
            throw Overdue(what: "\(expected), only \(found): \(said)", limit: .seconds(30))
        }
    }

    private func restart() throws {
        deaths += 1
        errorLines += daemon?.errorLines ?? []
        try start([])
    }

    private func stop() throws {
        let exit = try daemon?.stop()
        errorLines += daemon?.errorLines ?? []
        if exit == .signal(SIGKILL) {
            deaths += 1
        } else {
            #expect(exit == .code(0), "\(errorLines)")
        }
        daemon = nil
    }

    // MARK: What is left

    private var said: [String] { errorLines + (daemon?.errorLines ?? []) }

    private func rows() throws -> [String] { try Self.rows(log.database()) }

    /// The requests that were recorded, in order.
    static func rows(_ database: TelemetryDatabase) throws -> [String] {
        try database.rows(
            "SELECT detail ->> 'request_id' FROM events WHERE kind = 'overhead' ORDER BY seq"
        ).map { $0[0] }
    }

    private func check() throws { try check(log.database()) }

    /// Fails where a request is missing in a database, or there twice.
    func check(_ database: TelemetryDatabase) throws {
        let found = try Self.rows(database)
        #expect(found == expected, "\(errorLines)")
        #expect(try database.rows("PRAGMA integrity_check") == [["ok"]])
        let counted = try database.integer("SELECT sum(count) FROM latency WHERE stage = 'total'")
        #expect(counted == expected.count)
        #expect(try database.count("missed_rotation") == 0)
        #expect(try database.count("archive_unreadable") == 0)
    }
}
