import Foundation
import TestSupport
import Testing

/// Files that change their names in ways of their own: each line is read once all the same.
@Suite(.workspaces)
struct RenamingTests {
    @Test func `a file that was rotated away and let go is read on where it comes back`() throws {
        let log = try FollowedLog()
        let first = try LogFile(log.path)
        let daemon = try log.start(["--rotate-wait-ms", "50"])
        try first.append(log.line("a"))
        try LogFile.rename(log.path, log.path + ".1")
        let second = try LogFile(log.path)
        try second.append(log.line("b"))
        try log.awaitRequests(["a", "b"])
        try Self.awaitLettingGo(log)
        try LogFile.rename(log.path + ".1", log.path)
        try first.append(log.line("c"))
        try log.awaitRequests(["a", "b", "c"])
        #expect(try daemon.stop() == .code(0))
        try first.append(log.line("d"))
        let again = try log.start()
        try log.awaitRequests(["a", "b", "c", "d"])
        #expect(try again.stop() == .code(0))
    }

    @Test func `a file that was cut back before it came back is read on from there`() throws {
        let log = try FollowedLog()
        let first = try LogFile(log.path)
        let daemon = try log.start(["--rotate-wait-ms", "50"])
        let line = log.line("a")
        try first.append(line)
        try log.awaitRequests(["a"])
        try first.append(log.line("b"))
        try log.awaitRequests(["a", "b"])
        try LogFile.rename(log.path, log.path + ".1")
        let second = try LogFile(log.path)
        try second.append(log.line("c"))
        try log.awaitRequests(["a", "b", "c"])
        try Self.awaitLettingGo(log)
        let file = try FileHandle(forWritingTo: URL(filePath: log.path + ".1"))
        try file.truncate(atOffset: UInt64(line.utf8.count))
        try LogFile.rename(log.path + ".1", log.path)
        // One that has grown past its size again is taken for another log.
        try eventually("it was looked at") { try log.database().count("truncated") == 1 }
        try first.append(log.line("d"))
        try log.awaitRequests(["a", "b", "c", "d"])
        #expect(try daemon.stop() == .code(0))
    }

    @Test func `a symlink that is switched to and fro leads to each file once`() throws {
        let log = try FollowedLog(named: "current.log")
        let workspace = log.workspace
        let (blue, green) = (workspace.path("blue.txt"), workspace.path("green.txt"))
        let (first, second) = (try LogFile(blue), try LogFile(green))
        func lead(to file: String) throws {
            let name = workspace.newPath("link")
            try FileManager.default.createSymbolicLink(atPath: name, withDestinationPath: file)
            try LogFile.rename(name, log.path)
        }
        try lead(to: blue)
        let daemon = try log.start(["--from-start", "--rotate-wait-ms", "50"])
        try first.append(log.line("a"))
        try log.awaitRequests(["a"])
        try lead(to: green)
        try second.append(log.line("b"))
        try log.awaitRequests(["a", "b"])
        try Self.awaitLettingGo(log)
        try lead(to: blue)
        try first.append(log.line("c"))
        try log.awaitRequests(["a", "b", "c"])
        #expect(try daemon.stop() == .code(0))
    }

    @Test func `a start while a symlink leads nowhere finds what it led to`() throws {
        let log = try FollowedLog(named: "0.log")
        let link = log.workspace.path("current.log")
        try log.write("a")
        try FileManager.default.createSymbolicLink(
            atPath: link, withDestinationPath: log.path)
        let daemon = try log.start(["--from-start"], path: link)
        try log.awaitRequests(["a"])
        #expect(try daemon.stop(SIGKILL) == .signal(SIGKILL))
        try log.write("b")
        try LogFile.rename(log.path, log.path + ".1")
        let again = try log.start(path: link)
        try log.reopen()
        try log.write("c")
        try log.awaitRequests(["a", "b", "c"])
        #expect(try log.database().count("missed_rotation") == 0)
        #expect(try again.stop() == .code(0))
    }

    @Test func `a symlink that leads from match to match of a glob is no log of its own`() throws {
        let log = try FollowedLog(named: "access_1.log")
        let next = try LogFile(log.workspace.path("access_2.log"))
        let link = log.workspace.path("access.log")
        try log.write("a")
        try FileManager.default.createSymbolicLink(
            atPath: link, withDestinationPath: log.path)
        let daemon = try log.start(["--from-start"], path: log.workspace.path("*.log"))
        try log.awaitRequests(["a"])
        try next.append(log.line("b"))
        try log.awaitRequests(["a", "b"])
        let switched = log.workspace.newPath("link")
        try FileManager.default.createSymbolicLink(
            atPath: switched, withDestinationPath: next.path)
        try LogFile.rename(switched, link)
        try next.append(log.line("c"))
        try log.write("d")
        try log.awaitRequests(["a", "b", "c", "d"])
        #expect(try daemon.stop() == .code(0))
        try log.awaitRequests(["a", "b", "c", "d"])
    }

    @Test func `a glob does not take what a rotation gave another name that matches`() throws {
        let log = try FollowedLog()
        let daemon = try log.start(
            ["--rotate-wait-ms", "50"], path: log.workspace.path("*.log"))
        var names: [String] = []
        for round in 1...3 {
            names.append("\(round)")
            let file = try LogFile(log.path)
            try file.append(log.line(names[round - 1]))
            try log.awaitRequests(names)
            try LogFile.rename(log.path, log.workspace.path("before.log"))
        }
        #expect(try daemon.stop() == .code(0))
    }

    @Test func `siblings that are named beside their log are read with it`() throws {
        let log = try FollowedLog()
        try log.write("a")
        try log.rotate()
        try log.write("b")
        let once = try LogtailBinary.run(
            [
                "--observer", "headroom", "--timezone", "UTC", "--from-start", "--once", log.path,
                log.path + ".1",
            ], in: log.workspace)
        #expect(once.process.exit == .code(0))
        try log.awaitRequests(["a", "b"])
    }

    @Test func `a copy that nobody may read does not keep its log for good`() throws {
        let log = try FollowedLog()
        try log.write("a")
        let options = ["--from-start", "--rotate-wait-ms", "300"]
        let daemon = try log.start(options, wrapper: LogtailBinary.bound)
        try log.awaitRequests(["a"])
        func forbid(_ path: String) throws {
            try FileManager.default.setAttributes([.posixPermissions: 0], ofItemAtPath: path)
        }
        try FileManager.default.copyItem(atPath: log.path, toPath: log.path + ".1")
        try forbid(log.path + ".1")
        try log.truncate()
        try log.write("b")
        try log.awaitRequests(["a", "b"])
        #expect(try log.database().count("read_failed") == 1)
        #expect(try daemon.stop() == .code(0))
        try log.rotate()
        try forbid(log.path + ".1")
        try log.write("c")
        let again = try log.start(options, wrapper: LogtailBinary.bound)
        try log.awaitRequests(["a", "b", "c"])
        #expect(try log.database().count("missed_rotation") == 1)
        #expect(try again.stop() == .code(0))
    }

    @Test func `what a glob matches and nobody may read yet is read once it may be`() throws {
        let log = try FollowedLog(named: "proxy-1.log")
        try log.write("old")
        let glob = log.workspace.path("proxy-*.log")
        let daemon = try log.start(path: glob, wrapper: LogtailBinary.bound)
        let other = try FollowedLog(log.workspace, named: "proxy-2.log")
        let name = log.workspace.newPath("next")
        let file = try LogFile(name)
        try file.append(other.line("a"))
        try log.workspace.setMode(0o000, of: name)
        try LogFile.rename(name, other.path)
        try eventually("the failure is recorded") {
            try log.database().count("read_failed") == 1
        }
        try log.workspace.setMode(0o600, of: other.path)
        try log.awaitRequests(["a"])
        #expect(try daemon.stop() == .code(0))
        // Nor does one that may not be read keep the others from being followed at a start.
        try log.workspace.setMode(0o000, of: other.path)
        let again = try log.start(path: glob, wrapper: LogtailBinary.bound)
        try log.write("b")
        try log.awaitRequests(["a", "b"])
        try log.workspace.setMode(0o600, of: other.path)
        try file.append(other.line("c"))
        try log.awaitRequests(["a", "b", "c"])
        #expect(try again.stop() == .code(0))
    }

    @Test func `a folder that may not be looked into for a moment is, once it may`() throws {
        let log = try FollowedLog(in: "logs")
        try log.makeFolder()
        let folder = log.workspace.path("logs")
        let file = try LogFile(log.path)
        let daemon = try log.start(wrapper: LogtailBinary.bound)
        try file.append(log.line("a"))
        try log.awaitRequests(["a"])
        try log.workspace.setMode(0o000, of: folder)
        try eventually("the failure is recorded") {
            // What is written to the open file is read; then the path is looked at.
            try LogFile.rename(log.path, log.path + ".1")
            try LogFile.rename(log.path + ".1", log.path)
            return try log.database().count("read_failed") == 1
        }
        try LogFile.rename(log.path, log.path + ".1")
        let next = try LogFile(log.path)
        try next.append(log.line("b"))
        try log.workspace.setMode(0o700, of: folder)
        try log.awaitRequests(["a", "b"])
        #expect(try daemon.stop() == .code(0))
    }

    @Test(arguments: ["logs/a/b/proxy.log", "logs/a/b/*.log", "logs/*/b/proxy.log"])
    func `a folder above that is moved away and made again is noticed`(_ pattern: String) throws {
        let log = try FollowedLog(in: "logs/a/b")
        try log.makeFolder()
        try log.write("a")
        let daemon = try log.start(["--from-start"], path: log.workspace.path(pattern))
        try log.awaitRequests(["a"])
        var names = ["a"]
        for round in 1...3 {
            try LogFile.rename(
                log.workspace.path("logs/a"), log.workspace.path("logs/.old-\(round)"))
            try log.makeFolder()
            try log.reopen()
            try log.write("b\(round)", "c\(round)")
            names += ["b\(round)", "c\(round)"]
            try log.awaitRequests(names)
        }
        #expect(try daemon.stop() == .code(0))
    }

    @Test func `a folder that a glob matches is passed over`() throws {
        let log = try FollowedLog(in: "logs")
        try log.makeFolder()
        try log.write("old")
        _ = try log.workspace.makeFolder("logs/archive")
        let daemon = try log.start(path: log.workspace.path("logs/*"))
        try log.write("a")
        try log.awaitRequests(["a"])
        #expect(try daemon.stop() == .code(0))
        #expect(try log.database().count("read_failed") == 0)
    }

    /// Waits until the oldest generation is no longer open.
    private static func awaitLettingGo(_ log: FollowedLog) throws {
        let sql = "SELECT count(*) FROM checkpoints WHERE NOT episode ->> '$.generations[0].wanted'"
        try eventually("the rotated file is let go") {
            try log.database().integer(sql) == 1
        }
    }
}
