import Foundation
import TestSupport
import Testing

/// A flooded log that logrotate turns over every second, and the daemon that follows it.
final class RotatedFlood {
    /// A way in which logrotate is told to keep old logs.
    enum Mode: String, CaseIterable, Sendable {
        case create, copytruncate, compress, delaycompress, dateext, olddir

        fileprivate var directives: [String] {
            switch self {
            case .create: ["create"]
            case .copytruncate: ["copytruncate"]
            case .compress: ["create", "compress"]
            case .delaycompress: ["create", "compress", "delaycompress"]
            case .dateext: ["create", "dateext", "dateformat -%Y%m%d-%s"]
            case .olddir: ["create", "olddir old", "createolddir 0755"]
            }
        }
    }

    static let isPossible = (try? Tool.shell("logrotate --version")) != nil

    let mode: Mode
    let log: FloodedLog
    private(set) var kills = 0
    private(set) var rotations = 0
    private let workspace: Workspace
    private let folder: String
    private var generator: SeededGenerator
    private var daemon: RunningLogtail
    private var rotation: ChildProcess?
    private var lastSecond = 0
    private var nextKill: Duration?
    /// The mean time from one kill to the next; nil: the daemon is left alone.
    private let killInterval: Duration?

    init(_ mode: Mode, killEvery killInterval: Duration? = nil, _ generator: SeededGenerator) throws
    {
        self.mode = mode
        self.killInterval = killInterval
        self.generator = generator
        workspace = try Workspace()
        folder = try workspace.makeFolder("log")
        log = try FloodedLog(folder + "/app.log", generator)
        daemon = try LogtailBinary.start(Self.arguments(mode, folder, log.path), in: workspace)
        if killInterval == nil { try daemon.ready() }
        // Enough that nothing is rotated away unread, however slow this machine is.
        let rest = [
            "rotate 1000", "missingok", "postrotate",
            mode == .copytruncate ? "true" : log.reopenCommand, "endscript",
        ]
        let lines = (mode.directives + rest).map { "  \($0)\n" }.joined()
        try workspace.write(Data("\(log.path) {\n\(lines)}\n".utf8), to: configuration)
    }

    private var configuration: String { workspace.path("logrotate.conf") }

    private static func arguments(_ mode: Mode, _ folder: String, _ log: String) -> [String] {
        ["--observer", "headroom", "--timezone", "UTC", "--from-start", "--bus", "none"]
            + (mode == .olddir ? ["--archives", folder + "/old"] : []) + [log]
    }

    // MARK: While it runs

    /// Does what is due after that time: lines, a rotation, a kill.
    func run(upTo elapsed: Duration) throws {
        try log.write(upTo: elapsed)
        try log.reopenIfAsked()
        try rotate()
        guard let killInterval else { return }
        if let nextKill, elapsed >= nextKill {
            #expect(try daemon.stop(SIGKILL) == .signal(SIGKILL), "\(daemon.errorLines)")
            daemon = try LogtailBinary.start(
                Self.arguments(mode, folder, log.path), in: workspace)
            kills += 1
            self.nextKill = nil
        }
        if nextKill == nil {
            nextKill = elapsed + killInterval * Double.random(in: 0...2, using: &generator)
        }
    }

    /// Starts logrotate where it is not running and the clock shows another second, which its
    /// dated names go by.
    private func rotate() throws {
        let second = Int(Date.now.timeIntervalSince1970)
        if let rotation {
            guard !rotation.isRunning else { return }
            let errors = try String(contentsOfFile: rotationErrors, encoding: .utf8)
            // Two that began late in the same second would use the same name.
            #expect(
                rotation.exit == .code(0) || errors.contains("already exists, skipping rotation"),
                "logrotate: \(errors)")
            rotations += rotation.exit == .code(0) ? 1 : 0
            self.rotation = nil
        }
        guard second != lastSecond else { return }
        lastSecond = second
        rotation = try ChildProcess(
            ["logrotate", "--force", "--state", workspace.path("logrotate.state"), configuration],
            environment: workspace.environment, output: "/dev/null", errors: rotationErrors)
    }

    private var rotationErrors: String { workspace.path("logrotate.errors") }

    // MARK: Afterwards

    /// Waits for the end of the last rotation and for the last rows, and stops the daemon.
    func finish() throws {
        try eventually("logrotate ends", within: .seconds(60)) {
            try log.reopenIfAsked()
            return rotation?.isRunning != true
        }
        let expected = mode == .copytruncate ? try Set(surviving()) : Set(log.contents.slow)
        var found: [String] = []
        do {
            try eventually("every row", within: .seconds(120)) {
                found = try rows()
                return expected.isSubset(of: found)
            }
        } catch {
            Issue.record(
                "\(mode): missing \(expected.subtracting(found).sorted().prefix(5)); \(error)")
        }
        // One that was started a moment ago may find all recorded, and not have its signals yet.
        try daemon.ready()
        #expect(try daemon.stop() == .code(0), "\(mode): \(daemon.errorLines)")
    }

    /// Fails where a row is missing, there twice or not in order.
    func check() throws {
        let database = try TelemetryDatabase(workspace.database)
        let found = try rows()
        #expect(Set(found).count == found.count, "\(mode): rows are there twice")
        #expect(try database.count("missed_rotation") == 0, "\(mode)")
        let requests = try database.integer(
            "SELECT sum(count) FROM latency WHERE stage = 'total'")
        let read = try database.bytesRead()
        let written = log.contents
        print(
            "\(mode): \(rotations) rotations, \(kills) kills, \(found.count) rows of \(written.slow.count), "
                + "\(read) bytes read of \(written.bytes)")
        if mode == .copytruncate {
            try checkTruncations(database, found)
        } else {
            #expect(found == written.slow, "\(mode): \(Self.difference(found, written.slow))")
            #expect(requests == written.requests, "\(mode)")
            #expect(read == written.bytes, "\(mode)")
        }
        #expect(Double(read) <= 1.01 * Double(written.bytes), "\(mode)")
    }

    /// What was written between copy and truncation is in no file; everything else is a row, and
    /// no notice claims that more was lost than was.
    private func checkTruncations(_ database: TelemetryDatabase, _ found: [String]) throws {
        let surviving = try Set(surviving())
        let lost = log.contents.slow.filter { !Set(found).contains($0) }
        #expect(surviving.isDisjoint(with: lost), "lost, although in a file: \(lost.prefix(5))")
        #expect(found == log.contents.slow.filter(Set(found).contains), "rows in order")
        let notices = try database.details("truncated")
        #expect(!notices.isEmpty)
        let noticed = notices.reduce(0) { $0 + ($1["lost_bytes"] as? Int ?? 0) }
        print(
            "copytruncate: \(lost.count) rows lost, \(noticed) bytes noticed, \(notices.count) notices"
        )
    }

    private func rows() throws -> [String] {
        let sql = "SELECT detail ->> 'request_id' FROM events WHERE kind = 'overhead' ORDER BY seq"
        return try TelemetryDatabase(workspace.database).rows(sql).map { $0[0] }
    }

    /// The slow requests whose whole lines are in a file.
    private func surviving() throws -> [String] {
        let output = try Tool.shell(
            """
            zcat -f \(folder)/app.log* |
              sed -nE 's/^2.*STAGE_TIMINGS .*"request_id": "(hr_[0-9_]+)".*"total_pre_upstream": \
            900[.0-9]*\\}\\}$/\\1/p'
            """)
        return String(decoding: output, as: UTF8.self).split(separator: "\n").map(String.init)
    }

    private static func difference(_ found: [String], _ expected: [String]) -> String {
        let missing = expected.filter { !Set(found).contains($0) }
        return "missing \(missing.count): \(missing.prefix(5)), or another order"
    }
}
