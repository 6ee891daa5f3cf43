import Foundation
import TestSupport
import Testing

/// Where logtail looks for logs and keeps its files when nobody says.
@Suite(.workspaces)
struct PlacesTests {
    @Test func `the database is found from the environment`() throws {
        let workspace = try Workspace()
        try workspace.write(Data(), to: workspace.log)
        // From the last that is asked to the first; each wins over those before it.
        let places = [
            ("HOME", "home", "home/.local/state/logtail/telemetry.sqlite"),
            ("XDG_STATE_HOME", "xdg", "xdg/logtail/telemetry.sqlite"),
            ("STATE_DIRECTORY", "state", "state/telemetry.sqlite"),
            ("LOGTAIL_DB", "named.db", "named.db"),
        ]
        var environment = ["LOGTAIL_DB": ""]
        for (variable, value, expected) in places {
            environment[variable] = workspace.path(value)
            let run = try Self.once(workspace, environment: environment)
            #expect(run.process.exit == .code(0), "\(run.errorLines)")
            #expect(try TelemetryDatabase(workspace.path(expected)).count("tail_started") == 1)
        }
        let option = workspace.path("option.db")
        _ = try Self.once(workspace, ["--db", option], environment: environment)
        #expect(try TelemetryDatabase(option).count("tail_started") == 1)
    }

    @Test func `without a home the database has to be named`() throws {
        let workspace = try Workspace()
        try workspace.write(Data(), to: workspace.log)
        let run = try Self.once(workspace, environment: ["HOME": "", "LOGTAIL_DB": ""])
        #expect(run.process.exit == .code(64))
        #expect(run.errorLines.count == 1 && run.errorLines[0].contains("--db"))
    }

    @Test func `the database and the folders made for it are its owner's alone`() throws {
        let workspace = try Workspace()
        try workspace.write(Data(), to: workspace.log)
        let database = workspace.path("a/b/telemetry.sqlite")
        let daemon = try LogtailBinary.start(
            ["--observer", "headroom", "--db", database, workspace.log], in: workspace,
            wrapper: ["sh", "-c", "umask 000; exec \"$@\"", "sh"])
        try daemon.ready()
        for folder in ["a", "a/b"] {
            #expect(try workspace.mode(of: workspace.path(folder)) == 0o700)
        }
        for suffix in ["", "-wal", "-shm", ".lock"] {
            #expect(try workspace.mode(of: database + suffix) == 0o600, "\(suffix)")
        }
        #expect(try workspace.mode(of: workspace.path("a/b/bus.sock")) == 0o660)
        #expect(try daemon.stop() == .code(0))
    }

    @Test func `a symlink to a database is followed`() throws {
        let workspace = try Workspace()
        try workspace.write(Data(), to: workspace.log)
        let target = workspace.path("elsewhere.sqlite")
        try FileManager.default.createSymbolicLink(
            atPath: workspace.database, withDestinationPath: target)
        #expect(try Self.once(workspace).process.exit == .code(0))
        #expect(try TelemetryDatabase(target).count("tail_started") == 1)
    }

    @Test func `the folder of archives may be relative, and may come later`() throws {
        let log = try FollowedLog()
        let options = ["--from-start", "--archives", "./old/"]
        let wrapper = ["env", "-C", log.workspace.folder]
        try log.write("a")
        let folder = log.workspace.path("old")
        let warned = try log.start(options, wrapper: wrapper)
        #expect(warned.errorLines.contains { $0.contains("warning there is no folder \(folder),") })
        try log.awaitRequests(["a"])
        #expect(try warned.stop() == .code(0))

        _ = try log.workspace.makeFolder("old")
        try log.write("b")
        try LogFile.rename(log.path, folder + "/proxy.log.1")
        try log.reopen()
        try log.write("c")
        let content = try log.start(options, wrapper: wrapper)
        #expect(!content.errorLines.contains { $0.contains(" warning ") })
        try log.awaitRequests(["a", "b", "c"])
        #expect(try content.stop() == .code(0))
    }

    @Test func `the socket is found from the environment`() throws {
        let workspace = try Workspace()
        try workspace.write(Data(), to: workspace.log)
        for (variable, expected) in [
            ("RUNTIME_DIRECTORY", "run/bus.sock"), ("XDG_RUNTIME_DIR", "run/logtail/bus.sock"),
        ] {
            let daemon = try LogtailBinary.start(
                ["--observer", "headroom", workspace.log], in: workspace,
                environment: [variable: workspace.path("run")])
            try daemon.ready()
            let client = try BusClient(workspace.path(expected))
            #expect(try client.object()?["hello"] != nil)
            #expect(try daemon.stop() == .code(0))
        }
    }

    /// Names in headroom's folder of logs, and whether they are read.
    private static let usualNames = [
        ("proxy.log", true), ("proxy-8787.log", true), ("proxy-8790-19322.log", true),
        // Not what was rotated away from `proxy.log` on a day in October.
        ("proxy-2000-10123.log", true), ("proxy-stdio-8791.log", false), ("server.log", false),
    ]

    @Test func `without a path headroom's own logs are read, but never what repeats them`() throws {
        for (variable, value, folder) in [
            ("HOME", "home", "home/.headroom/logs"),
            ("HEADROOM_WORKSPACE_DIR", "headroom", "headroom/logs"),
        ] {
            let workspace = try Workspace()
            let logs = try workspace.makeFolder(folder)
            for (name, _) in Self.usualNames {
                try workspace.write(RealLog.small.bytes(), to: logs + "/" + name)
            }
            let run = try Self.usual(
                workspace, ["--once"], environment: [variable: workspace.path(value)])
            #expect(run.process.exit == .code(0), "\(run.errorLines)")
            let paths = try TelemetryDatabase(workspace.database)
                .rows("SELECT path FROM checkpoints ORDER BY path")
            let expected = Self.usualNames.filter(\.1).map { [logs + "/" + $0.0] }
            #expect(paths == expected.sorted { $0[0] < $1[0] })
        }
    }

    @Test func `one of headroom's usual logs is enough to be read once`() throws {
        let workspace = try Workspace()
        let logs = try workspace.makeFolder(".headroom/logs")
        try workspace.write(RealLog.small.bytes(), to: logs + "/proxy-8787.log")
        let run = try Self.usual(workspace, ["--once"])
        #expect(run.process.exit == .code(0), "\(run.errorLines)")
        #expect(try TelemetryDatabase(workspace.database).count("overhead") > 0)
    }

    @Test func `none of headroom's usual logs is a missing input`() throws {
        let workspace = try Workspace()
        let run = try Self.usual(workspace, ["--once"])
        #expect(run.process.exit == .code(66), "\(run.errorLines)")
        #expect(run.complaints.count == 1)
        #expect(run.complaints.first?.contains(workspace.path(".headroom/logs/proxy")) == true)
    }

    @Test func `headroom's usual logs are waited for`() throws {
        let workspace = try Workspace()
        let daemon = try LogtailBinary.start(["--observer", "headroom"], in: workspace)
        try daemon.ready()
        let logs = try workspace.makeFolder(".headroom/logs")
        try workspace.write(RealLog.small.bytes(), to: logs + "/proxy-8787.log")
        try eventually("the log is read") {
            try TelemetryDatabase(workspace.database).count("overhead") > 0
        }
        #expect(try daemon.stop() == .code(0))
    }

    @Test func `a relative path and relative --db start in the working folder`() throws {
        let workspace = try Workspace()
        try workspace.write(RealLog.small.bytes(), to: workspace.log)
        let run = try LogtailBinary.run(
            RealLog.small.options
                + ["--from-start", "--once", "--db", "here.db", "./proxy-8787.log"],
            in: workspace,
            wrapper: ["sh", "-c", "cd \"$HOME\" && exec \"$@\"", "sh"])
        #expect(run.process.exit == .code(0), "\(run.errorLines)")
        let paths = try TelemetryDatabase(workspace.path("here.db"))
            .rows("SELECT path FROM checkpoints")
        #expect(paths == [[workspace.log]])
    }

    private static func once(
        _ workspace: Workspace, _ options: [String] = [], environment: [String: String] = [:]
    ) throws -> RunningLogtail {
        try LogtailBinary.run(
            ["--observer", "headroom", "--once", "--bus", "none"] + options + [workspace.log],
            in: workspace, environment: environment)
    }

    private static func usual(
        _ workspace: Workspace, _ options: [String], environment: [String: String] = [:]
    ) throws -> RunningLogtail {
        try LogtailBinary.run(
            RealLog.small.options + ["--from-start", "--bus", "none"] + options, in: workspace,
            environment: environment)
    }
}
