import Foundation
import TestSupport
import Testing

/// Which bytes of which files a daemon reads, live.
@Suite(.workspaces)
struct FollowingTests {
    // MARK: Where reading begins

    @Test func `a file that was there is read from its end, with --from-start from its beginning`()
        throws
    {
        for (options, expected) in [([], ["b"]), (["--from-start"], ["a", "b"])] {
            let log = try FollowedLog()
            try log.write("a")
            let daemon = try log.start(options)
            try log.write("b")
            try log.awaitRequests(expected)
            #expect(try daemon.stop() == .code(0))
        }
    }

    @Test func `a checkpoint wins over --from-start`() throws {
        let log = try FollowedLog()
        try log.write("a")
        var daemon = try log.start()
        try log.write("b")
        try log.awaitRequests(["b"])
        #expect(try daemon.stop() == .code(0))
        try log.write("c")
        daemon = try log.start(["--from-start"])
        try log.write("d")
        try log.awaitRequests(["b", "c", "d"])
        #expect(try daemon.stop() == .code(0))
    }

    @Test func `a file that appears later is read from its first byte, its folder too`() throws {
        let log = try FollowedLog(in: "not/there/yet")
        let daemon = try log.start()
        try log.makeFolder()
        try log.write("a")
        try log.awaitRequests(["a"])
        try log.write("b")
        try log.awaitRequests(["a", "b"])
        #expect(try daemon.stop() == .code(0))
    }

    @Test func `a glob finds files that appear later, and reads no rotated sibling twice`() throws {
        let log = try FollowedLog(named: "proxy-8787.log")
        try log.write("old")
        let daemon = try log.start(path: log.workspace.path("proxy-*.log*"))
        try log.write("a")
        let other = try FollowedLog(log.workspace, named: "proxy-8788-4711.log")
        try other.write("b")
        try log.awaitRequests(["a", "b"])
        try log.rotate()
        try log.write("c")
        try log.awaitRequests(["a", "b", "c"])
        #expect(try daemon.stop() == .code(0))
    }

    @Test func `a glob waits for folders that are still to come`() throws {
        let log = try FollowedLog(in: "not/there/yet", named: "proxy-1.log")
        let daemon = try log.start(path: log.workspace.path("not/th*/yet/proxy-*.log"))
        try log.makeFolder()
        try log.write("a")
        try log.awaitRequests(["a"])
        #expect(try daemon.stop() == .code(0))
    }

    @Test func `a glob finds a file that is named in it, in any folder that matches`() throws {
        let log = try FollowedLog(in: "logs/home/bob/app", named: "proxy.log")
        try log.makeFolder()
        // Not beside the database, whose changes would have it look again.
        let other = try FollowedLog(log.workspace, in: "logs/home/eve/app", named: "proxy.log")
        try other.makeFolder()
        let daemon = try log.start(path: log.workspace.path("logs/home/*/app/proxy.log"))
        try log.write("a")
        try log.awaitRequests(["a"])
        try other.write("b")
        try log.awaitRequests(["a", "b"])
        #expect(try daemon.stop() == .code(0))
    }

    @Test func `another name of a followed file is told once, however often it is met`() throws {
        let log = try FollowedLog(named: "proxy-1.log")
        try log.write("old")
        let other = log.workspace.path("proxy-2.log")
        try FileManager.default.createSymbolicLink(atPath: other, withDestinationPath: log.path)
        let daemon = try log.start(path: log.workspace.path("proxy-*.log"))
        for number in 3...9 {
            let name = "\(number)"
            try FollowedLog(log.workspace, named: "proxy-\(name).log").write(name)
            try log.awaitRequests((3...number).map { "\($0)" })
        }
        #expect(daemon.errorLines.count { $0.contains("is the same file as") } == 1)
        #expect(try daemon.stop() == .code(0))
    }

    // MARK: What happens to a file

    @Test func `a partial line waits for its newline, with --once too`() throws {
        let log = try FollowedLog()
        let line = log.line("a")
        try log.append(line.dropLast(100))
        let once = try log.run(["--from-start", "--once"])
        #expect(once.process.exit == .code(0))
        try log.awaitRequests([])
        let daemon = try log.start()
        try log.append(line.suffix(100).dropLast())
        try log.append("\n" + log.line("b"))
        try log.awaitRequests(["a", "b"])
        #expect(try daemon.stop() == .code(0))
    }

    @Test func `a truncated file is read on from its beginning, and the event says so`() throws {
        let log = try FollowedLog()
        let daemon = try log.start()
        try log.write("a", "b", "c")
        try log.awaitRequests(["a", "b", "c"])
        try log.truncate()
        try log.write("d")
        try log.awaitRequests(["a", "b", "c", "d"])
        let details = try log.database().details("truncated")
        #expect(details.count == 1 && details[0]["path"] as? String == log.path)
        #expect(try daemon.stop() == .code(0))
    }

    @Test func `a file that was truncated while nobody looked is read from its beginning`() throws {
        let log = try FollowedLog()
        let daemon = try log.start()
        try log.write("a", "b", "c")
        try log.awaitRequests(["a", "b", "c"])
        #expect(try daemon.stop() == .code(0))
        try log.truncate()
        // More than before, so that its size tells nothing.
        try log.write("d", "e", "f", "g")
        #expect(try log.run(["--once"]).process.exit == .code(0))
        try log.awaitRequests(["a", "b", "c", "d", "e", "f", "g"])
        #expect(try log.database().count("truncated") == 1)
    }

    @Test func `a file that is deleted and made again is read to its end, then from its beginning`()
        throws
    {
        let log = try FollowedLog()
        let daemon = try log.start()
        try log.write("a")
        try log.awaitRequests(["a"])
        var expected = ["a"]
        for name in ["b", "c", "d", "e"] {
            // Its writer has it open for a last line.
            try FileManager.default.removeItem(atPath: log.path)
            try log.write("\(name)1")
            try log.reopen()
            try log.write("\(name)2")
            expected += ["\(name)1", "\(name)2"]
            try log.awaitRequests(expected)
        }
        #expect(try daemon.stop() == .code(0))
    }

    @Test func `a writer that goes on in a renamed file is followed for a while`() throws {
        let log = try FollowedLog()
        let daemon = try log.start()
        try log.write("a")
        try LogFile.rename(log.path, log.path + ".1")
        try log.write("b")
        let successor = try LogFile(log.path)
        try successor.append(log.line("c"))
        try log.awaitRequests(["a", "b", "c"])
        try log.write("d")
        try log.awaitRequests(["a", "b", "c", "d"])
        #expect(try daemon.stop() == .code(0))
    }

    @Test func `a file that may not be read for a moment is read once it may`() throws {
        let log = try FollowedLog()
        let daemon = try log.start(wrapper: LogtailBinary.bound)
        try log.write("a")
        try log.awaitRequests(["a"])
        let name = log.workspace.newPath("next")
        let successor = try LogFile(name)
        try log.workspace.setMode(0o000, of: name)
        try LogFile.rename(log.path, log.path + ".1")
        try LogFile.rename(name, log.path)
        try successor.append(log.line("b"))
        try eventually("the failure is recorded") {
            try log.database().count("read_failed") == 1
        }
        try log.workspace.setMode(0o600, of: log.path)
        try successor.append(log.line("c"))
        try log.awaitRequests(["a", "b", "c"])
        #expect(try daemon.stop() == .code(0))
    }

    @Test func `several paths are several checkpoints`() throws {
        let log = try FollowedLog(named: "one.log")
        let other = try FollowedLog(log.workspace, named: "two.log")
        let daemon = try log.start([other.path])
        try log.write("a")
        try other.write("b")
        try log.write("c")
        try log.awaitRequests(["a", "b", "c"])
        #expect(try daemon.stop() == .code(0))
        let rows = try log.database().rows("SELECT path FROM checkpoints ORDER BY path")
        #expect(rows == [[log.path], [other.path]])
    }

    // MARK: What lines can hold

    @Test func `a line that is too long is passed over, counted and noticed once`() throws {
        let log = try FollowedLog()
        let daemon = try log.start(["--max-line-bytes", "4096"])
        let long = String(repeating: "x", count: 300_000)
        try log.append(long.dropLast(100_000))
        try log.append(long.suffix(100_000) + "\n")
        try log.write("a")
        try log.append(log.line("b", padding: 5_000))
        try log.write("c")
        try log.awaitRequests(["a", "c"])
        let details = try log.database().details("line_oversized")
        #expect(details.count == 1)
        #expect(details.first?["bytes"] as? Int == 300_000)
        #expect(details.first?["offset"] as? Int == 0)
        let status = try log.database().rows(
            "SELECT status FROM events WHERE kind = 'line_oversized'")
        #expect(status == [["warning"]])
        #expect(try daemon.stop() == .code(0))
        try log.append(log.line("d", padding: 5_000))
        #expect(try log.run(["--max-line-bytes", "4096", "--once"]).process.exit == .code(0))
        let shown = try LogtailBinary.run(["status", "--json"], in: log.workspace).outputLines
        #expect(shown.first?.contains(#""lines_oversized":3,"#) == true)
    }

    @Test func `a line of exactly the limit is read`() throws {
        let log = try FollowedLog()
        let line = log.line("a")
        try log.append(line)
        let run = try log.run(
            ["--from-start", "--once", "--max-line-bytes", String(line.utf8.count - 1)])
        #expect(run.process.exit == .code(0))
        try log.awaitRequests(["a"])
        #expect(try log.database().count("line_oversized") == 0)
    }

    @Test func `ten lines that do not parse are a drift, the next that does is its end`() throws {
        let log = try FollowedLog()
        let daemon = try log.start()
        let client = try BusClient(
            log.workspace.socket, #"{"kind":["observer_drift","observer_recovered"]}"#)
        #expect(try client.object()?["hello"] != nil)
        for _ in 0..<9 { try log.append(log.garbled()) }
        try log.write("a")
        for _ in 0..<25 { try log.append(log.garbled()) }
        try log.write("b")
        try log.awaitRequests(["a", "b"])
        let rows = try log.database().rows(
            """
            SELECT kind, status, detail ->> 'count' FROM events
             WHERE kind LIKE 'observer_%' ORDER BY seq
            """)
        #expect(
            rows == [
                ["observer_drift", "warning", "10"], ["observer_recovered", "info", "25"],
            ])
        // Both are published.
        #expect(try client.object()?["kind"] as? String == "observer_drift")
        #expect(try client.object()?["kind"] as? String == "observer_recovered")
        #expect(try daemon.stop() == .code(0))
        #expect(try log.database().integer("SELECT lines_unparsed FROM checkpoints") == 34)
    }
}
