import Foundation
import TestSupport
import Testing

/// Logs as programs in the field write and rotate them.
@Suite(.workspaces)
struct RealWriterTests {
    private static let scripts = RealLog.root + "/Tests/RealWriters"
    private static let hasPython = (try? Tool.shell("python3 --version")) != nil
    private static let hasNginx = (try? Tool.shell("PATH=$PATH:/usr/sbin nginx -v")) != nil

    // MARK: Python

    @Test(
        .enabled(if: hasPython, "python3 is missing"),
        arguments: [("size", 3_000), ("gzip", 1_500), ("time", 1_000)])
    func `what Python's handlers write is recorded once, kills or not`(
        _ handler: String, _ lines: Int
    ) throws {
        var generator = SeededGenerator()
        let workspace = try Workspace()
        let path = try workspace.makeFolder("log") + "/proxy.log"
        var daemon = try Self.start(path, workspace)
        try daemon.ready()
        let output = workspace.path("requests")
        let writer = try ChildProcess(
            [
                "python3", Self.scripts + "/python_handlers.py", handler, path,
                workspace.database, String(lines),
            ], environment: workspace.environment, output: output,
            errors: workspace.path("writer.errors"))
        var kills = 0
        while writer.isRunning {
            let goal = try Self.lines(output) + Int.random(in: 0...60, using: &generator)
            try eventually("the writer goes on") {
                try !writer.isRunning || Self.lines(output) >= goal
            }
            #expect(try daemon.stop(SIGKILL) == .signal(SIGKILL), "\(daemon.errorLines)")
            daemon = try Self.start(path, workspace)
            // Some are killed before they have begun.
            if Bool.random(using: &generator) { try daemon.ready() }
            kills += 1
        }
        let complaints = try String(
            contentsOfFile: workspace.path("writer.errors"), encoding: .utf8)
        #expect(writer.exit == .code(0), "\(complaints)")
        let expected = try String(contentsOfFile: output, encoding: .utf8)
            .split(separator: "\n").map(String.init)
        #expect(expected.count == (lines + 2) / 3)
        try daemon.ready()
        try? eventually("every line is counted", within: .seconds(30)) {
            try Self.counted(workspace) >= lines
        }
        #expect(try Self.counted(workspace) == lines, "\(handler) after \(kills) kills")
        let database = try TelemetryDatabase(workspace.database)
        let found = try FaultScenario.rows(database)
        #expect(found == expected, "\(handler) after \(kills) kills")
        #expect(try database.count("missed_rotation") == 0)
        #expect(try daemon.stop() == .code(0), "\(daemon.errorLines)")
        print("\(handler): \(kills) kills, \(found.count) rows")
    }

    /// How many lines a file has.
    private static func lines(_ file: String) throws -> Int {
        try Data(contentsOf: URL(filePath: file)).count { $0 == UInt8(ascii: "\n") }
    }

    /// How many lines were recorded, slow or not.
    private static func counted(_ workspace: Workspace) throws -> Int {
        try TelemetryDatabase(workspace.database).integer(
            "SELECT sum(count) FROM latency WHERE stage = 'total'")
    }

    private static func start(_ path: String, _ workspace: Workspace) throws -> RunningLogtail {
        try LogtailBinary.start(
            [
                "--observer", "headroom", "--timezone", "UTC", "--from-start", "--bus", "none",
                path,
            ], in: workspace)
    }

    // MARK: nginx

    @Test(.enabled(if: hasNginx && hasPython, "nginx is only installed by 'make ci'"))
    func `nginx's log is recorded once while it is rotated and reopened`() throws {
        let workspace = try Workspace()
        let path = workspace.path("access.log")
        try Self.configureNginx(workspace)
        let nginx = try Self.nginx(workspace)
        try eventually("nginx listens") { workspace.exists(workspace.path("nginx.sock")) }
        // However slow this machine is, no pause ends the episode.
        let options = ["--observer", "nginx", "--threshold-ms", "100", "--quiet-ms", "600000"]
        let daemon = try LogtailBinary.start(
            options + ["--from-start", "--bus", "none", path], in: workspace)
        try daemon.ready()
        let client = try ChildProcess(
            [
                "python3", Self.scripts + "/nginx_requests.py", workspace.path("nginx.sock"),
                "200",
            ], environment: workspace.environment, output: "/dev/null",
            errors: workspace.path("client.errors"))
        var generations: [String] = []
        while client.isRunning {
            generations.append(workspace.path("access.log.20260613T0830\(10 + generations.count)Z"))
            try LogFile.rename(path, generations[generations.count - 1])
            try eventually("nginx has reopened its log") {
                nginx.send(SIGUSR1)
                return workspace.exists(path)
            }
            try eventually("nginx has logged a few requests") {
                try !client.isRunning || Self.lines(path) >= 20
            }
        }
        #expect(client.exit == .code(0))
        try eventually("every request is counted") {
            try Self.counted(workspace) == 200
        }
        nginx.send(SIGQUIT)
        #expect(try nginx.waitForExit() == .code(0))
        #expect(try daemon.stop() == .code(0))
        #expect(generations.count > 2)
        let last = try LogtailBinary.run(
            options + ["--once", "--bus", "none", path], in: workspace)
        #expect(last.process.exit == .code(0), "\(last.errorLines)")
        // The position lies in the youngest file that has a line.
        let files = try (generations + [path]).filter { file in
            try !Data(contentsOf: URL(fileURLWithPath: file)).isEmpty
        }
        try Tool.compare(workspace.database, with: files, options)
    }

    private static func configureNginx(_ workspace: Workspace) throws {
        // Slow enough that each answer takes a fifth of a second: nginx gives a second's worth
        // of bytes at once.
        try workspace.write(Data(count: 24_000), to: workspace.path("slow"))
        let places = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map { "\($0)_temp_path \(workspace.path($0));" }.joined(separator: " ")
        let text = """
            daemon off; worker_processes 1; \(geteuid() == 0 ? "user root;" : "")
            pid \(workspace.path("nginx.pid")); error_log \(workspace.path("error.log"));
            events { worker_connections 64; }
            http {
              log_format timed '$remote_addr - $remote_user [$time_local] "$request" $status '
                '$body_bytes_sent "$http_referer" "$http_user_agent" rt=$request_time '
                'uct="$upstream_connect_time" uht="$upstream_header_time" '
                'urt="$upstream_response_time"';
              access_log \(workspace.path("access.log")) timed;
              keepalive_requests 100000;
              \(places)
              server {
                listen unix:\(workspace.path("nginx.sock"));
                root \(workspace.folder);
                location / { return 200 "quick"; }
                location = /slow { limit_rate 20000; }
              }
            }
            """
        try workspace.write(Data(text.utf8), to: workspace.path("nginx.conf"))
    }

    private static func nginx(_ workspace: Workspace) throws -> ChildProcess {
        var environment = workspace.environment
        environment["PATH", default: ""] += ":/usr/sbin"
        return try ChildProcess(
            [
                "sh", "-c",
                "exec nginx -p \(workspace.folder) -c \(workspace.path("nginx.conf")) "
                    + "-e \(workspace.path("error.log"))",
            ], environment: environment, output: "/dev/null",
            errors: workspace.path("nginx.errors"))
    }
}
