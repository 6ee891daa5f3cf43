import Foundation
import TestSupport
import Testing

/// Files, folders and databases in a state that nobody asked for.
@Suite(.workspaces)
struct HostileFileTests {
    @Test func `a folder that is removed and made again is followed on`() throws {
        let log = try FollowedLog(in: "logs")
        try log.makeFolder()
        try log.write("a")
        let daemon = try log.start(["--from-start"])
        try log.awaitRequests(["a"])
        let folder = (log.path as NSString).deletingLastPathComponent
        for name in ["b", "c"] {
            try FileManager.default.removeItem(atPath: folder)
            try log.makeFolder()
            try log.reopen()
            try log.write(name)
            try log.awaitRequests(["a", "b", "c"].filter { $0 <= name })
        }
        #expect(try daemon.stop() == .code(0))
    }

    @Test
    func `a symlink that is switched leads on to the next file, the first is read to its end`()
        throws
    {
        let workspace = try Workspace()
        let first = try FollowedLog(workspace, named: "first.log")
        let second = try FollowedLog(workspace, named: "second.log")
        let link = workspace.path("current.log")
        try first.write("a")
        try FileManager.default.createSymbolicLink(
            atPath: link, withDestinationPath: first.path)
        let daemon = try first.start(["--from-start"], path: link)
        try first.awaitRequests(["a"])
        daemon.process.send(SIGSTOP)
        try first.write("b")
        try second.write("c")
        try FileManager.default.createSymbolicLink(
            atPath: link + ".new", withDestinationPath: second.path)
        try LogFile.rename(link + ".new", link)
        try second.write("d")
        daemon.process.send(SIGCONT)
        try first.awaitRequests(["a", "b", "c", "d"])
        #expect(try daemon.stop() == .code(0))
    }

    @Test func `a name that is not UTF-8 is told, and stops no other`() throws {
        let log = try FollowedLog()
        try log.write("a")
        let folder = log.workspace.folder
        _ = try Tool.shell("cp '\(log.path)' \"\(folder)/$(printf 'caf\\351').log\"")
        let glob = folder + "/*.log"
        let daemon = try log.start(["--from-start"], path: glob)
        try log.awaitRequests(["a"])
        #expect(daemon.errorLines.count { $0.contains("its name is not UTF-8") } == 1)
        #expect(try daemon.stop() == .code(0))
        let once = try LogtailBinary.run(
            ["--observer", "headroom", "--once", glob], in: log.workspace)
        #expect(once.process.exit == .code(66))
        #expect(once.errorLines.last?.contains("its name is not UTF-8; rename it") == true)
    }

    @Test func `a line of ten million bytes is passed over, or read where that is wanted`() throws {
        let log = try FollowedLog()
        let long = log.line("long", padding: 10_000_000)
        try log.write("a")
        try log.append(long)
        try log.write("b")
        #expect(try log.run(["--from-start", "--once"]).process.exit == .code(0))
        try log.awaitRequests(["a", "b"])
        #expect(
            try log.database().details("line_oversized").map { $0["bytes"] as? Int } == [
                long.utf8.count - 1
            ])
        let whole = try FollowedLog()
        try whole.append(long)
        let run = try Self.runPatiently(whole, ["--max-line-bytes", "20000000"])
        #expect(run.process.exit == .code(0))
        try whole.awaitRequests(["long"])
    }

    @Test func `a hole of a billion bytes is passed over`() throws {
        let log = try FollowedLog()
        try log.write("a")
        let size = try #require(
            FileManager.default.attributesOfItem(atPath: log.path)[.size] as? Int)
        // SAFETY: the path outlives the call.
        #expect(unsafe truncate(log.path, size + 1_000_000_000) == 0)
        try log.append("\n")
        try log.write("b")
        let run = try Self.runPatiently(log)
        #expect(run.process.exit == .code(0), "\(run.errorLines)")
        try log.awaitRequests(["a", "b"])
        #expect(
            try log.database().details("line_oversized").map { $0["bytes"] as? Int }
                == [1_000_000_000])
    }

    /// Reads a log once, however long that takes a program that was not optimised.
    private static func runPatiently(
        _ log: FollowedLog, _ options: [String] = []
    ) throws -> RunningLogtail {
        let run = try LogtailBinary.start(
            ["--observer", "headroom", "--timezone", "UTC", "--from-start", "--once"]
                + options + [log.path], in: log.workspace)
        _ = try run.exit(within: .seconds(180))
        return run
    }

    @Test func `a clock that steps forth and back loses and doubles nothing`() throws {
        guard let library = Self.faketime else {
            print("libfaketime is missing: the clock is not set")
            return
        }
        let log = try FollowedLog()
        let clock = log.workspace.path("clock")
        try log.workspace.write(Data("+0".utf8), to: clock)
        let environment = [
            "LD_PRELOAD=\(library)", "FAKETIME_TIMESTAMP_FILE=\(clock)", "FAKETIME_NO_CACHE=1",
            "FAKETIME_DONT_FAKE_MONOTONIC=1",
        ]
        // The library takes the first program it is loaded into for its own: that is another env.
        let daemon = try log.start(["--from-start"], wrapper: ["env"] + environment + ["env"])
        var names: [String] = []
        for step in ["+0", "+3600", "-86400", "+30d", "-10y", "+0"] {
            try log.workspace.write(Data(step.utf8), to: clock)
            for _ in 0..<2 {
                names.append("r\(10 + names.count)")
                try log.write(names[names.count - 1])
                try log.awaitRequests(names)
                try log.turnOver()
            }
        }
        #expect(try daemon.stop() == .code(0), "\(daemon.errorLines)")
        let years = try log.database().rows(
            "SELECT count(DISTINCT substr(recorded_at, 1, 4)) > 1 FROM events")
        #expect(years == [["1"]], "the clock was set")
        #expect(try log.database().count("missed_rotation") == 0)
    }

    @Test func `of an id of any length its beginning is recorded`() throws {
        let log = try FollowedLog()
        try log.write(String(repeating: "é", count: 200_000))
        let run = try log.run(["--from-start", "--once"])
        #expect(run.process.exit == .code(0))
        let ids = try log.database().details("overhead").map { $0["request_id"] as? String }
        #expect(ids == [String(repeating: "é", count: 100)])
    }

    private static let faketime = try? String(
        decoding: Tool.shell("ls /usr/lib/*/faketime/libfaketime.so.1"), as: UTF8.self
    ).trimmingCharacters(in: .whitespacesAndNewlines)
}
