import Foundation
import TestSupport
import Testing

/// Files that have or get a name which is followed too: each line is read once, under one of them.
@Suite(.workspaces)
struct SharedFileTests {
    private let workspace: Workspace
    private var log: FollowedLog

    init() throws {
        workspace = try Workspace()
        log = try FollowedLog(workspace)
    }

    private func path(_ name: String) -> String { workspace.path(name) }

    /// Appends a line for each request to a file, which is made where it is missing.
    private func write(_ requests: String..., to name: String) throws {
        let file = try LogFile(path(name))
        for request in requests { try file.append(log.line(request)) }
    }

    private func rename(_ name: String, _ other: String) throws {
        try LogFile.rename(path(name), path(other))
    }

    private func link(_ name: String, to target: String) throws {
        let new = workspace.newPath("link")
        try FileManager.default.createSymbolicLink(
            atPath: new, withDestinationPath: path(target))
        try LogFile.rename(new, path(name))
    }

    private func start(_ patterns: String..., options: [String] = []) throws -> RunningLogtail {
        let daemon = try LogtailBinary.start(
            ["--observer", "headroom", "--timezone", "UTC", "--rotate-wait-ms", "50"] + options
                + patterns.map(path), in: workspace)
        try daemon.ready()
        return daemon
    }

    private func awaitLettingGo(_ daemon: RunningLogtail, of name: String) throws {
        let descriptors = "/proc/\(daemon.process.pid)/fd"
        try eventually("\(name) is closed") {
            try FileManager.default.contentsOfDirectory(atPath: descriptors).allSatisfy {
                (try? FileManager.default.destinationOfSymbolicLink(
                    atPath: descriptors + "/" + $0)) != path(name)
            }
        }
    }

    private let everything = ["--from-start"]

    @Test func `a sibling stays one when its log is gone`() throws {
        try write("a", to: "x.log")
        let daemon = try start("x.log*", options: everything)
        try log.awaitRequests(["a"])
        try rename("x.log", "x.log.1")
        try write("b", to: "x.log")
        try log.awaitRequests(["a", "b"])
        try awaitLettingGo(daemon, of: "x.log.1")
        try FileManager.default.removeItem(atPath: path("x.log"))
        try awaitLettingGo(daemon, of: "x.log (deleted)")
        try write("c", to: "x.log.other")
        try log.awaitRequests(["a", "b", "c"])
        #expect(try daemon.stop() == .code(0))
        try log.awaitRequests(["a", "b", "c"])
    }

    @Test func `a first start between two steps of a rotation`() throws {
        try write("a", to: "x.log.1")
        let daemon = try start("*.log", options: everything)
        try write("b", to: "x.log")
        try log.awaitRequests(["a", "b"])
        #expect(try daemon.stop() == .code(0))
    }

    @Test func `a restart between two steps of a rotation`() throws {
        try write("a", to: "x.log.1")
        try write("b", to: "x.log")
        let daemon = try start("x.log*", options: everything)
        try log.awaitRequests(["a", "b"])
        #expect(try daemon.stop(SIGKILL) == .signal(SIGKILL))
        try write("c", to: "x.log")
        try rename("x.log.1", "x.log.2")
        try rename("x.log", "x.log.1")
        let again = try start("x.log*", options: everything)
        try log.awaitRequests(["a", "b", "c"])
        try write("d", to: "x.log")
        try log.awaitRequests(["a", "b", "c", "d"])
        #expect(try again.stop() == .code(0))
        try log.awaitRequests(["a", "b", "c", "d"])
    }

    @Test func `logs that look like siblings of one that comes later are logs of their own`()
        throws
    {
        try write("a", to: "worker.1.log")
        try write("b", to: "worker.2.log")
        let daemon = try start("*.log", options: everything)
        try log.awaitRequests(["a", "b"])
        try write("c", to: "worker.log")
        try log.awaitRequests(["a", "b", "c"])
        try write("d", to: "worker.1.log")
        try write("e", to: "worker.2.log")
        try log.awaitRequests(["a", "b", "c", "d", "e"])
        #expect(try daemon.stop() == .code(0))
        let again = try start("*.log")
        try write("f", to: "worker.1.log")
        try write("g", to: "worker.2.log")
        try write("h", to: "worker.log")
        try log.awaitRequests(["a", "b", "c", "d", "e", "f", "g", "h"])
        #expect(try again.stop() == .code(0))
    }

    @Test func `a symlink to dated logs that comes later`() throws {
        try write("a", to: "app-20260613.log")
        let daemon = try start("*.log", options: everything)
        try log.awaitRequests(["a"])
        try link("app.log", to: "app-20260613.log")
        try write("b", to: "app-20260613.log")
        try log.awaitRequests(["a", "b"])
        try write("c", to: "app-20260614.log")
        try link("app.log", to: "app-20260614.log")
        try log.awaitRequests(["a", "b", "c"])
        try write("d", to: "app-20260613.log")
        try write("e", to: "app-20260614.log")
        try log.awaitRequests(["a", "b", "c", "d", "e"])
        #expect(try daemon.stop() == .code(0))
    }

    @Test(arguments: [true, false])
    func `a file that was renamed is read on under its new name`(whileRunning: Bool) throws {
        try write("a", to: "service.log")
        let daemon = try start("*.log", options: everything)
        try log.awaitRequests(["a"])
        if !whileRunning { #expect(try daemon.stop(SIGKILL) == .signal(SIGKILL)) }
        try write("b", to: "service.log")
        try rename("service.log", "other.log")
        if whileRunning {
            try write("c", to: "service.log")
            try log.awaitRequests(["a", "b", "c"])
            // Its tail has let it go by the time that this is read.
            try eventually("it is passed on") {
                try log.database().integer("SELECT count(*) FROM checkpoints") == 2
            }
            try write("d", to: "other.log")
            try log.awaitRequests(["a", "b", "c", "d"])
            #expect(try daemon.stop() == .code(0))
        }
        let again = try start("*.log")
        try write("e", to: "other.log")
        try log.awaitRequests(whileRunning ? ["a", "b", "c", "d", "e"] : ["a", "b", "e"])
        #expect(try again.stop() == .code(0))
    }

    @Test(arguments: [true, false])
    func `two logs that are named exchange their files`(whileRunning: Bool) throws {
        try write("a", to: "one.log")
        try write("b", to: "two.log")
        var daemon = try start("one.log", "two.log", options: everything)
        try log.awaitRequests(["a", "b"])
        if whileRunning {
            daemon.process.send(SIGSTOP)
        } else {
            #expect(try daemon.stop() == .code(0))
        }
        try rename("one.log", "three.log")
        try rename("two.log", "one.log")
        try rename("three.log", "two.log")
        try write("c", to: "one.log")
        if whileRunning {
            daemon.process.send(SIGCONT)
        } else {
            daemon = try start("one.log", "two.log", options: everything)
        }
        try log.awaitRequests(["a", "b", "c"])
        try write("d", to: "one.log")
        try write("e", to: "two.log")
        try log.awaitRequests(["a", "b", "c", "d", "e"])
        #expect(try daemon.stop() == .code(0))
        try log.awaitRequests(["a", "b", "c", "d", "e"])
    }

    @Test func `a symlink that is named beside what it leads to is followed to the next file`()
        throws
    {
        try write("a", to: "app-1.log")
        try link("current.log", to: "app-1.log")
        let daemon = try start("app-1.log", "current.log", options: everything)
        try log.awaitRequests(["a"])
        try write("b", to: "app-2.log")
        try link("current.log", to: "app-2.log")
        try log.awaitRequests(["a", "b"])
        try write("c", to: "app-1.log")
        try log.awaitRequests(["a", "b", "c"])
        #expect(try daemon.stop() == .code(0))
    }
}
