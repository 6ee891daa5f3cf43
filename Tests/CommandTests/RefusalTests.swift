import Foundation
import GRDB
import Syscalls
import TestSupport
import Testing

/// What logtail refuses at its start: the exit code of the contract, and one line that says what,
/// which path, and what to do.
@Suite(.workspaces)
struct RefusalTests {
    /// Options that are refused, and what the line names.
    static let badOptions: [(options: [String], named: [String])] = [
        (["--observer", "nosuch"], ["--observer", "nosuch", "headroom", "nginx"]),
        ([], ["--observer", "headroom", "nginx"]),
        (["--observer", "headroom", "--threshold-ms=-5"], ["--threshold-ms", "-5"]),
        (["--observer", "headroom", "--threshold-ms=0"], ["--threshold-ms", "0"]),
        (["--observer", "headroom", "--threshold-ms=nan"], ["--threshold-ms", "nan"]),
        (["--observer", "headroom", "--threshold-ms=inf"], ["--threshold-ms", "inf"]),
        (["--observer", "headroom", "--threshold-ms=lots"], ["--threshold-ms", "lots"]),
        (["--observer", "headroom", "--stall-ms=499"], ["--stall-ms", "499", "500"]),
        (
            ["--observer", "headroom", "--threshold-ms=900", "--stall-ms=800"],
            ["--stall-ms", "800", "900"]
        ),
        (["--observer", "headroom", "--quiet-ms=-1"], ["--quiet-ms"]),
        (["--observer", "headroom", "--max-line-bytes=0"], ["--max-line-bytes"]),
        (
            ["--observer", "headroom", "--timezone", "Mars/Olympus"],
            ["--timezone", "Mars/Olympus"]
        ),
        (["--observer", "headroom", "--publish", "some"], ["--publish", "some"]),
        (["--observer", "headroom", "--bus", "carrier:pigeon"], ["carrier:pigeon"]),
        (["--observer", "headroom", "--no-such-option"], ["--no-such-option"]),
    ]

    @Test(arguments: badOptions)
    func `a bad option exits with 64 and is named`(options: [String], named: [String]) throws {
        let workspace = try Workspace()
        try workspace.write(Data(), to: workspace.log)
        let run = try LogtailBinary.run(options + ["--once", workspace.log], in: workspace)
        Self.expect(run, 64, naming: named)
        #expect(!workspace.exists(workspace.database))
    }

    // MARK: Logs

    @Test func `a missing file with --once exits with 66`() throws {
        let workspace = try Workspace()
        try Self.expect(Self.once(workspace), 66, naming: [workspace.log, "--once"])
        let glob = workspace.path("proxy-*.log")
        try Self.expect(Self.once(workspace, log: glob), 66, naming: [glob])
    }

    @Test func `a file that may not be read exits with 66`() throws {
        let workspace = try Workspace()
        try workspace.write(Data("a line\n".utf8), to: workspace.log)
        try workspace.setMode(0o000, of: workspace.log)
        let run = try Self.once(workspace, wrapper: LogtailBinary.bound)
        Self.expect(run, 66, naming: [workspace.log, "ermission"])
    }

    @Test func `a folder, FIFO, socket or device as PATH exits with 66 and says which`() throws {
        let workspace = try Workspace()
        let folder = try workspace.makeFolder("logs")
        try Self.expect(Self.once(workspace, log: folder), 66, naming: [folder, "folder"])
        let fifo = workspace.path("fifo")
        try #require(makeFIFO(fifo))
        try Self.expect(Self.once(workspace, log: fifo), 66, naming: [fifo, "FIFO"])
        let socket = workspace.path("socket")
        _ = try NotifyListener(socket)
        try Self.expect(Self.once(workspace, log: socket), 66, naming: [socket, "socket"])
        try Self.expect(
            Self.once(workspace, log: "/dev/null"), 66, naming: ["/dev/null", "device"])
    }

    // MARK: Databases

    @Test func `a second daemon on the same database exits with 75 and names the first`() throws {
        let workspace = try Workspace()
        try workspace.write(Data(), to: workspace.log)
        let first = try LogtailBinary.start(Self.options + [workspace.log], in: workspace)
        try first.ready()
        // By another name too.
        let link = workspace.path("link.sqlite")
        try FileManager.default.createSymbolicLink(
            atPath: link, withDestinationPath: workspace.database)
        for database in [workspace.database, link] {
            let second = try Self.once(workspace, database: database)
            Self.expect(second, 75, naming: [workspace.database, "\(first.process.pid)"])
        }
        #expect(try first.stop() == .code(0))
        let third = try Self.once(workspace)
        #expect(third.process.exit == .code(0), "\(third.errorLines)")
    }

    @Test func `a second daemon is refused also where the first's lock file is gone`() throws {
        let workspace = try Workspace()
        try workspace.write(Data(), to: workspace.log)
        let first = try LogtailBinary.start(Self.options + [workspace.log], in: workspace)
        try first.ready()
        try FileManager.default.removeItem(atPath: workspace.database + ".lock")
        for _ in 0..<2 {
            try Self.expect(
                Self.once(workspace), 75, naming: [workspace.database, "another daemon"])
        }
        #expect(try first.stop() == .code(0))
        #expect(try Self.once(workspace).process.exit == .code(0))
    }

    @Test func `a folder that cannot be written exits with 73`() throws {
        let workspace = try Workspace()
        try workspace.write(Data(), to: workspace.log)
        let folder = try workspace.makeFolder("readonly", mode: 0o555)
        defer { try? workspace.setMode(0o755, of: folder) }
        for name in ["telemetry.sqlite", "deeper/telemetry.sqlite"] {
            let database = folder + "/" + name
            let run = try Self.once(
                workspace, database: database, wrapper: LogtailBinary.bound)
            Self.expect(run, 73, naming: [database, "ermission"])
        }
    }

    @Test func `a database that cannot be written exits with 73`() throws {
        let workspace = try Workspace()
        try workspace.write(Data(), to: workspace.log)
        #expect(try Self.once(workspace).process.exit == .code(0))
        try workspace.setMode(0o444, of: workspace.database)
        let run = try Self.once(workspace, wrapper: LogtailBinary.bound)
        Self.expect(run, 73, naming: [workspace.database])
    }

    @Test func `a folder as database exits with 73`() throws {
        let workspace = try Workspace()
        try workspace.write(Data(), to: workspace.log)
        let folder = try workspace.makeFolder("database")
        try Self.expect(Self.once(workspace, database: folder), 73, naming: [folder, "folder"])
    }

    /// Ways to damage a database.
    enum Damage: CaseIterable {
        case text, zeros, truncated, zeroedPage, randomPages
    }

    @Test(arguments: Damage.allCases)
    func `a damaged database exits with 65, is named and is left as it is`(damage: Damage) throws {
        let workspace = try Workspace()
        try workspace.write(RealLog.small.bytes(), to: workspace.log)
        #expect(try Self.once(workspace).process.exit == .code(0))
        let file = URL(fileURLWithPath: workspace.database)
        var bytes = try Data(contentsOf: file)
        switch damage {
        case .text: bytes = Data(String(repeating: "this is no database\n", count: 999).utf8)
        case .zeros: bytes = Data(count: bytes.count)
        case .truncated: bytes = bytes.prefix(bytes.count / 2 + 100)
        case .zeroedPage: bytes.replaceSubrange(8_192..<12_288, with: Data(count: 4_096))
        case .randomPages:
            var generator = SeededGenerator()
            for index in 4_096..<bytes.count {
                bytes[index] = UInt8.random(in: 0...255, using: &generator)
            }
        }
        try bytes.write(to: file)
        let run = try Self.once(workspace)
        Self.expect(run, 65, naming: [workspace.database, "sqlite3", ".recover"])
        #expect(try Data(contentsOf: file) == bytes)
    }

    @Test(arguments: [
        "DROP TABLE latency", "DROP TABLE events", "DROP TABLE checkpoints",
        "DROP TABLE bus_positions", "DROP TABLE retention",
        "ALTER TABLE checkpoints RENAME COLUMN bytes_read TO bytes",
        "UPDATE checkpoints SET fingerprint = 'zz', episode = '{bad'",
    ])
    func `a database whose contents were damaged exits with 65`(statement: String) throws {
        let workspace = try Workspace()
        try workspace.write(RealLog.large.bytes(), to: workspace.log)
        #expect(try Self.once(workspace).process.exit == .code(0))
        try Self.change(workspace.database, statement)
        let run = try LogtailBinary.run(
            Self.options + ["--once", "--bus", "unix:", workspace.log], in: workspace)
        Self.expect(run, 65, naming: [workspace.database, ".recover"])
    }

    @Test func `a zero-length database is a new one`() throws {
        let workspace = try Workspace()
        try workspace.write(RealLog.small.bytes(), to: workspace.log)
        try workspace.write(Data(), to: workspace.database)
        #expect(try Self.once(workspace).process.exit == .code(0))
        #expect(try TelemetryDatabase(workspace.database).count("overhead") > 0)
    }

    @Test func `a newer schema exits with 65`() throws {
        let workspace = try Workspace()
        try workspace.write(Data(), to: workspace.log)
        #expect(try Self.once(workspace).process.exit == .code(0))
        try Self.change(workspace.database, "PRAGMA user_version = 999")
        try Self.expect(Self.once(workspace), 65, naming: [workspace.database, "999", "newer"])
    }

    @Test(arguments: ["PRAGMA application_id = 252006674", "CREATE TABLE theirs (a)"])
    func `a database of another application exits with 65`(statement: String) throws {
        let workspace = try Workspace()
        try workspace.write(Data(), to: workspace.log)
        try Self.change(workspace.database, "CREATE TABLE cookies (name); \(statement)")
        let before = try Data(contentsOf: URL(fileURLWithPath: workspace.database))
        try Self.expect(Self.once(workspace), 65, naming: [workspace.database, "another"])
        #expect(try Data(contentsOf: URL(fileURLWithPath: workspace.database)) == before)
    }

    // MARK: Sockets

    @Test func `a socket in use exits with 73`() throws {
        let workspace = try Workspace()
        try workspace.write(Data(), to: workspace.log)
        guard let server = try UnixSocket.listen(at: workspace.socket) else {
            throw Overdue(what: "a server of its own", limit: .zero)
        }
        let run = try LogtailBinary.run(
            Self.options + ["--once", workspace.log], in: workspace)
        Self.expect(run, 73, naming: [workspace.socket, "--bus"])
        server.endSending()
    }

    @Test func `a file where the socket should be exits with 73 and is left alone`() throws {
        let workspace = try Workspace()
        try workspace.write(Data(), to: workspace.log)
        try workspace.write(Data("mine".utf8), to: workspace.socket)
        let run = try LogtailBinary.run(
            Self.options + ["--once", workspace.log], in: workspace)
        Self.expect(run, 73, naming: [workspace.socket, "--bus"])
        #expect(try Data(contentsOf: URL(fileURLWithPath: workspace.socket)) == Data("mine".utf8))
    }

    @Test func `a path too long for a socket exits with 73`() throws {
        let workspace = try Workspace()
        try workspace.write(Data(), to: workspace.log)
        let path = workspace.path(String(repeating: "s", count: 120))
        let run = try LogtailBinary.run(
            Self.options + ["--once", "--bus", "unix:\(path)", workspace.log], in: workspace)
        Self.expect(run, 73, naming: [path, "107", "--bus"])
    }

    // MARK: Steps

    private static let options = ["--observer", "headroom", "--timezone", "UTC", "--from-start"]

    private static func once(
        _ workspace: Workspace, log: String? = nil, database: String? = nil,
        wrapper: [String] = []
    ) throws -> RunningLogtail {
        try LogtailBinary.run(
            options + [
                "--once", "--bus", "none", "--db", database ?? workspace.database,
                log ?? workspace.log,
            ], in: workspace, wrapper: wrapper)
    }

    /// Expects the exit code, and one line with all of the words in it.
    private static func expect(
        _ run: RunningLogtail, _ code: Int32, naming words: [String],
        _ location: SourceLocation = #_sourceLocation
    ) {
        #expect(run.process.exit == .code(code), "\(run.errorLines)", sourceLocation: location)
        #expect(run.complaints.count == 1, "\(run.errorLines)", sourceLocation: location)
        #expect(run.outputLines.isEmpty, sourceLocation: location)
        let line = run.complaints.first ?? ""
        #expect(line.hasPrefix("logtail: "), sourceLocation: location)
        for word in words {
            #expect(line.contains(word), "no \(word) in: \(line)", sourceLocation: location)
        }
    }

    private static func change(_ database: String, _ sql: String) throws {
        let queue = try DatabaseQueue(path: database)
        try queue.writeWithoutTransaction { db in try db.execute(sql: sql) }
        try queue.close()
    }
}

private func makeFIFO(_ path: String) -> Bool {
    // SAFETY: the path is passed as a string that outlives the call.
    unsafe mkfifo(path, 0o600) == 0
}
