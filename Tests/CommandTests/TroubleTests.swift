import Foundation
import GRDB
import TestSupport
import Testing

/// What goes wrong after the start stops nothing for good.
@Suite(.workspaces)
struct TroubleTests {
    @Test func `a database that another program holds is waited for, and nothing is lost`() throws {
        let log = try FollowedLog()
        let daemon = try log.start()
        try log.write("a")
        try log.awaitRequests(["a"])
        let other = try Self.holder(of: log.workspace.database)
        try log.write("b")
        try eventually("the trouble is reported") {
            daemon.errorLines.contains { $0.contains(" error ") && $0.contains("database") }
        }
        try log.write("c")
        try other.writeWithoutTransaction { db in try db.execute(sql: "COMMIT") }
        try other.close()
        try log.awaitRequests(["a", "b", "c"])
        #expect(daemon.errorLines.contains { $0.contains("info recording again") })
        #expect(try daemon.stop() == .code(0))
    }

    @Test func `a stop while another program holds the database loses nothing`() throws {
        let log = try FollowedLog()
        let daemon = try log.start(["--from-start"])
        try log.write("a")
        try log.awaitRequests(["a"])
        let other = try Self.holder(of: log.workspace.database)
        try log.write("b")
        daemon.process.send(SIGTERM)
        #expect(try daemon.exit(within: .seconds(10)) == .code(0))
        try other.writeWithoutTransaction { db in try db.execute(sql: "COMMIT") }
        try other.close()
        #expect(try log.run(["--once"]).process.exit == .code(0))
        try log.awaitRequests(["a", "b"])
    }

    @Test func `a socket that is removed and a client that sends nonsense stop nothing`() throws {
        let log = try FollowedLog()
        let daemon = try log.start()
        let refused = try BusClient(log.workspace.socket, "{\"since\":\"soon\"}")
        #expect(try refused.object()?["error"] != nil)
        #expect(try refused.object() == nil)
        let client = try BusClient(log.workspace.socket, "{\"publish\":\"all\"}")
        #expect(try client.object()?["hello"] != nil)
        try FileManager.default.removeItem(atPath: log.workspace.socket)
        try log.write("a")
        while let event = try client.object(), event["kind"] as? String != "overhead" {}
        try log.awaitRequests(["a"])
        #expect(try daemon.stop() == .code(0))
    }

    @Test func `a standard error that nobody reads stops nothing, and its gap is told`() throws {
        let log = try FollowedLog()
        let pipe = try UnreadPipe(log.workspace)
        try pipe.fill()
        let daemon = try LogtailBinary.start(
            ["--observer", "headroom", "--from-start", log.path], in: log.workspace,
            wrapper: ["sh", "-c", "exec \"$@\" 2>\(pipe.path)", "sh"])
        try log.write("a")
        try log.awaitRequests(["a"])
        daemon.process.send(SIGHUP)
        try log.write("b")
        try log.awaitRequests(["a", "b"])
        var said = ""
        try eventually("what was dropped is told: \(said)") {
            said += try pipe.take()
            daemon.process.send(SIGHUP)
            return said.contains(" messages before this one dropped\n")
        }
        try pipe.fill()
        #expect(try daemon.stop() == .code(0))
    }

    @Test func `a log of the daemon's own that cannot be written stops nothing`() throws {
        let log = try FollowedLog()
        try log.write("a")
        let script = "exec \"$@\" 2>/dev/full"
        let once = try LogtailBinary.run(
            ["--observer", "headroom", "--timezone", "UTC", "--from-start", "--once", log.path],
            in: log.workspace, wrapper: ["sh", "-c", script, "sh"])
        #expect(once.process.exit == .code(0))
        try log.awaitRequests(["a"])
    }

    @Test func `a bus on a standard output that is closed delivers nothing, and nothing elsewhere`()
        throws
    {
        let log = try FollowedLog()
        try log.write("a")
        let once = try LogtailBinary.run(
            [
                "--observer", "headroom", "--timezone", "UTC", "--from-start", "--once",
                "--publish", "all", "--bus", "stdout:", "--drain-timeout-ms", "100", log.path,
            ], in: log.workspace, wrapper: ["sh", "-c", "exec \"$@\" >&-", "sh"])
        #expect(once.process.exit == .code(0))
        #expect(once.errorLines.contains { $0.contains(" warning ") && $0.contains("stdout:") })
        try log.awaitRequests(["a"])
        let delivered = "SELECT count(*) FROM bus_positions WHERE seq > 0"
        #expect(try log.database().integer(delivered) == 0)
        let lock = try Data(contentsOf: URL(filePath: log.workspace.database + ".lock"))
        #expect(!lock.contains(UInt8(ascii: "{")))
    }

    @Test func `archives are shipped also where the parent has the ends of children ignored`()
        throws
    {
        let log = try FollowedLog()
        try log.write("a", "b", "c")
        let list = log.workspace.path("shipped")
        let bus = "file:\(log.workspace.path("events.ndjson"))?max-size=10&ship=echo>>\(list)"
        let daemon = try LogtailBinary.start(
            [
                "--observer", "headroom", "--timezone", "UTC", "--from-start", "--publish", "all",
                "--bus", bus, log.path,
            ], in: log.workspace, wrapper: ["env", "--ignore-signal=CHLD"])
        func unshipped() throws -> Int {
            try FileManager.default.contentsOfDirectory(atPath: log.workspace.folder)
                .count { $0.hasSuffix(".unshipped") }
        }
        try eventually("archives are shipped") {
            try log.workspace.exists(list) && unshipped() == 0
        }
        #expect(try daemon.stop() == .code(0))
    }

    @Test(arguments: ["rm db", "mv db old", ": > new; mv new db"])
    func `a database that is taken away ends the daemon, which makes a new one at its next start`(
        _ command: String
    ) throws {
        let log = try FollowedLog()
        let daemon = try log.start()
        try log.write("a")
        try log.awaitRequests(["a"])
        let file = log.workspace.database
        try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: file)
        try log.write("b")
        try log.awaitRequests(["a", "b"])
        _ = try Tool.shell(
            "cd '\(log.workspace.folder)'; "
                + command.replacing("db", with: (file as NSString).lastPathComponent))
        #expect(try daemon.exit(within: .seconds(10)) == .code(1))
        #expect(daemon.errorLines.last?.contains("\(file) was moved, deleted or replaced") == true)
        #expect(try log.run(["--from-start", "--once"]).process.exit == .code(0))
        try log.awaitRequests(["a", "b"])
    }

    @Test func `more logs than descriptors are read one after the other`() throws {
        let log = try FollowedLog(named: "100.log")
        let names = (100..<300).map(String.init)
        for name in names {
            try LogFile(log.workspace.path(name + ".log")).append(log.line(name))
        }
        let daemon = try log.start(
            ["--from-start", "--rotate-wait-ms", "50"], path: log.workspace.path("*.log"),
            wrapper: ["sh", "-c", "ulimit -n 160; exec \"$@\"", "sh"])
        let told = daemon.errorLines.count { $0.contains("the limit of open files is reached") }
        #expect(told == 1)
        var failures = 0
        try eventually("all are read", within: .seconds(30)) {
            let database = try log.database()
            let read = try database.rows(
                "SELECT detail ->> 'path' FROM events WHERE kind = 'overhead'")
            failures = max(failures, try database.count("read_failed"))
            for path in read.map({ $0[0] }) where log.workspace.exists(path) {
                try FileManager.default.removeItem(atPath: path)
            }
            return read.count == names.count
        }
        // Each that had to wait, once.
        #expect((1..<names.count).contains(failures))
        try log.awaitRequests(names)
        #expect(try daemon.stop() == .code(0))
    }

    /// Another program with a transaction of its own.
    private static func holder(of database: String) throws -> DatabaseQueue {
        var configuration = Configuration()
        configuration.allowsUnsafeTransactions = true
        configuration.busyMode = .timeout(10)
        let holder = try DatabaseQueue(path: database, configuration: configuration)
        try holder.writeWithoutTransaction { db in try db.execute(sql: "BEGIN IMMEDIATE") }
        return holder
    }
}
