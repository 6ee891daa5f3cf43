import Foundation
import TestSupport
import Testing

/// What the daemon does where the kernel does not tell it of changes: limits that are reached,
/// reports that are lost, file systems that cannot tell.
@Suite(.workspaces)
struct NotificationTests {
    private static let canTrace = Strace.isPossible

    @Test(.enabled(if: canTrace, "strace is missing, or processes may not be traced"))
    func `where no watch is left, the limit is named and files are looked at by the clock`()
        throws
    {
        let log = try FollowedLog()
        let daemon = try log.start(
            ["--from-start", "--rotate-wait-ms", "500"],
            wrapper: Strace.inject("inotify_add_watch", "error=ENOSPC"))
        try log.write("a")
        try log.awaitRequests(["a"], within: .seconds(30))
        try log.write("b")
        try log.turnOver()
        try log.write("c")
        try log.awaitRequests(["a", "b", "c"], within: .seconds(30))
        try FileManager.default.copyItem(atPath: log.path, toPath: log.path + ".0")
        try log.truncate()
        try log.write("d", "e")
        try log.awaitRequests(["a", "b", "c", "d", "e"], within: .seconds(30))
        let warnings = daemon.errorLines.filter { $0.contains("fs.inotify.max_user_watches") }
        #expect(warnings.count == 1, "\(daemon.errorLines)")
        #expect(try daemon.stop() == .code(0))
    }

    @Test(.enabled(if: canTrace, "strace is missing, or processes may not be traced"))
    func `where only the folder cannot be watched, new files are found by the clock`() throws {
        let log = try FollowedLog()
        try log.write("a")
        let daemon = try log.start(
            ["--from-start"],
            wrapper: Strace.inject(
                "inotify_add_watch", "error=ENOSPC", paths: [log.workspace.folder]))
        try log.awaitRequests(["a"], within: .seconds(30))
        // The file tells that it is renamed; nothing tells that there is another one.
        try LogFile.rename(log.path, log.path + ".1")
        try log.write("b")
        try log.awaitRequests(["a", "b"], within: .seconds(30))
        try log.reopen()
        try log.write("c")
        try log.awaitRequests(["a", "b", "c"], within: .seconds(30))
        #expect(daemon.errorLines.contains { $0.contains("fs.inotify.max_user_watches") })
        #expect(try daemon.stop() == .code(0))
    }

    @Test(.enabled(if: canTrace, "strace is missing, or processes may not be traced"))
    func `where no watch is left, new files of a glob are found by the clock`() throws {
        let log = try FollowedLog()
        let daemon = try log.start(
            ["--from-start"], path: log.workspace.path("*.log"),
            wrapper: Strace.inject("inotify_add_watch", "error=ENOSPC"))
        try log.write("a")
        try log.awaitRequests(["a"], within: .seconds(30))
        let other = try FollowedLog(log.workspace, named: "other.log")
        try other.write("b")
        try log.awaitRequests(["a", "b"], within: .seconds(30))
        #expect(try daemon.stop() == .code(0))
    }

    @Test(.enabled(if: canTrace, "strace is missing, or processes may not be traced"))
    func `where no inotify instance is left, the limit is named`() throws {
        let log = try FollowedLog()
        try log.write("a")
        let daemon = try log.start(
            ["--from-start"], wrapper: Strace.inject("inotify_init1", "error=EMFILE"))
        try log.awaitRequests(["a"], within: .seconds(30))
        try log.write("b")
        try log.turnOver()
        try log.write("c")
        try log.awaitRequests(["a", "b", "c"], within: .seconds(30))
        #expect(daemon.errorLines.contains { $0.contains("fs.inotify.max_user_instances") })
        #expect(try daemon.stop() == .code(0))
    }

    @Test(
        .enabled(if: canTrace, "strace is missing, or processes may not be traced"),
        arguments: [
            ("inotify_add_watch", "error=ENOSPC", "fs.inotify.max_user_watches"),
            ("inotify_init1", "error=EMFILE", "fs.inotify.max_user_instances"),
        ])
    func `where the recorded events cannot be followed, the limit is named`(
        call: String, failure: String, limit: String
    ) throws {
        let log = try FollowedLog()
        try log.write("a")
        #expect(try log.run(["--from-start", "--once"]).process.exit == .code(0))
        let events = try LogtailBinary.run(
            ["events", "--follow"], in: log.workspace, wrapper: Strace.inject(call, failure))
        #expect(events.process.exit == .code(1))
        #expect(events.complaints.count == 1)
        #expect(events.complaints[0].contains(log.workspace.database))
        #expect(events.complaints[0].contains(limit), "\(events.complaints)")
    }

    @Test(arguments: ["a/b/proxy.log", "a/b/*.log"])
    func `names that come and go above the folder of a log wake nobody`(_ pattern: String) throws {
        let log = try FollowedLog(in: "a/b")
        let daemon = try log.start(path: log.workspace.path(pattern))
        try log.makeFolder()
        try log.write("a")
        try log.awaitRequests(["a"])
        let watches = "/proc/\(daemon.process.pid)/fdinfo"
        try eventually("only the folder of the log tells of names") {
            let files = try FileManager.default.contentsOfDirectory(atPath: watches)
            let lines = files.compactMap {
                try? String(contentsOfFile: "\(watches)/\($0)", encoding: .utf8)
            }
            let masks = lines.joined().matches(of: #/inotify .* mask:([0-9a-f]+)/#).map {
                UInt32($0.output.1, radix: 16) ?? 0
            }
            // IN_CREATE (inotify(7)).
            return masks.count { $0 & 0x100 != 0 } == 1
        }
        #expect(try daemon.stop() == .code(0))
    }

    @Test func `reports that the kernel lost are made up for by looking at everything`() throws {
        let log = try FollowedLog()
        try log.write("a")
        let daemon = try log.start(["--from-start"])
        try log.awaitRequests(["a"])
        daemon.process.send(SIGSTOP)
        try Self.fillQueue(from: log.workspace.folder)
        try log.write("b")
        try log.turnOver()
        try log.write("c")
        daemon.process.send(SIGCONT)
        try log.awaitRequests(["a", "b", "c"])
        #expect(daemon.errorLines.contains { $0.contains("the kernel lost file notifications") })
        #expect(try daemon.stop() == .code(0))
    }

    @Test func `a folder that was moved when reports were lost is watched anew`() throws {
        let log = try FollowedLog(in: "logs")
        let folder = log.workspace.path("logs")
        try log.makeFolder()
        try log.write("a")
        let daemon = try log.start(["--from-start"])
        try log.awaitRequests(["a"])
        daemon.process.send(SIGSTOP)
        try Self.fillQueue(from: folder)
        try LogFile.rename(folder, log.workspace.path("old"))
        try log.makeFolder()
        try log.reopen()
        try log.write("b")
        daemon.process.send(SIGCONT)
        try log.awaitRequests(["a", "b"])
        try LogFile.rename(log.path, log.path + ".1")
        try log.write("c")
        try log.awaitRequests(["a", "b", "c"])
        // Of this only the folder tells.
        try log.reopen()
        try log.write("d")
        try log.awaitRequests(["a", "b", "c", "d"])
        #expect(try daemon.stop() == .code(0))
    }

    /// Makes as many changes of a folder as no queue holds.
    private static func fillQueue(from folder: String) throws {
        let limit = try String(
            contentsOfFile: "/proc/sys/fs/inotify/max_queued_events", encoding: .utf8)
        let count = Int(limit.trimmingCharacters(in: .whitespacesAndNewlines)) ?? 16_384
        let name = folder + "/something-else"
        for _ in 0...count / 2 {
            try Data().write(to: URL(filePath: name))
            try FileManager.default.removeItem(atPath: name)
        }
    }

    @Test func `with --poll files are looked at by the clock through rotations of every kind`()
        throws
    {
        let log = try FollowedLog()
        let daemon = try log.start(["--from-start", "--poll", "100"])
        var names: [String] = []
        for round in 0..<6 {
            names.append("r\(round)")
            try log.write(names[round])
            try log.awaitRequests(names)
            if round.isMultiple(of: 2) {
                try log.turnOver()
            } else {
                try log.shift()
                try FileManager.default.copyItem(atPath: log.path, toPath: log.path + ".1")
                try log.truncate()
            }
        }
        #expect(try daemon.stop() == .code(0))
    }
}
