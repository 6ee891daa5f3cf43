import Foundation
import GRDB
import LogTail
import Syscalls
import TestSupport
import Testing

@testable import Telemetry

/// Which files are taken for a database, by the daemon and by those who only read.
@Suite struct OpeningTests {
    private func permissions(_ path: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    }

    private func store(_ path: String) -> TelemetryError? {
        #expect(throws: TelemetryError.self) { _ = try TelemetryStore(path: path) }
    }

    private func reader(_ path: String) -> TelemetryError? {
        #expect(throws: TelemetryError.self) { _ = try TelemetryReader(path: path) }
    }

    @Test func `a new database is for its owner alone, with the folders it needs`() throws {
        let folder = try TemporaryFolder()
        let store = try TelemetryStore(path: folder("state/logtail/t.sqlite"))
        try store.commit(Samples.batch([Samples.event(1)]))
        #expect(try permissions(folder("state")) == 0o700)
        #expect(try permissions(folder("state/logtail")) == 0o700)
        for suffix in ["", "-wal", "-shm", ".lock"] {
            #expect(try permissions(folder("state/logtail/t.sqlite") + suffix) == 0o600)
        }
    }

    @Test func `a zero-length file is a new database to the daemon, and none to a reader`() throws {
        let folder = try TemporaryFolder()
        let path = folder("t.sqlite")
        try Data().write(to: URL(fileURLWithPath: path))
        #expect(reader(path) == .missing(path: path))
        let store = try TelemetryStore(path: path)
        try store.commit(Samples.batch([Samples.event(1)]))
        #expect(try TelemetryReader(path: path).bounds().latest == 1)
    }

    @Test(arguments: ["target.sqlite", "there/target.sqlite"])
    func `a symlink is followed, also to where nothing is yet`(target: String) throws {
        let folder = try TemporaryFolder()
        try FileManager.default.createSymbolicLink(
            atPath: folder("link"), withDestinationPath: target)
        try FileManager.default.createSymbolicLink(
            atPath: folder("link to link"), withDestinationPath: folder("link"))
        let store = try TelemetryStore(path: folder("link to link"))
        let real = try #require(Folder.realPath(folder(target)))
        #expect(store.path == real)
        #expect(try TelemetryReader(path: folder("link")).path == real)
        #expect(this(self.store(folder(target)), isInUse: real))
    }

    private func this(_ error: TelemetryError?, isInUse path: String) -> Bool {
        error == .inUse(path: path, pid: ProcessInfo.processInfo.processIdentifier)
    }

    @Test func `a relative path and one with odd characters work`() throws {
        let folder = try TemporaryFolder()
        let path = folder("a b%20?x=1#é'.sqlite")
        let store = try TelemetryStore(path: path)
        try store.commit(Samples.batch([Samples.event(1)]))
        #expect(try TelemetryReader(path: path).bounds().latest == 1)
        try store.close()
        let queue = try Connection.immutable(path)
        #expect(try queue.read { db in try Int.fetchOne(db, sql: "SELECT seq FROM events") } == 1)
    }

    @Test func `one store at a time, and readers know whose it is`() throws {
        let folder = try TemporaryFolder()
        let path = folder("t.sqlite")
        let mine = ProcessInfo.processInfo.processIdentifier
        do {
            let first = try TelemetryStore(path: path)
            #expect(store(path) == .inUse(path: path, pid: mine))
            // The refused attempt has opened and closed the lock's file.
            #expect(store(path) == .inUse(path: path, pid: mine))
            #expect(try TelemetryReader(path: path).runningDaemon() == mine)
            try first.commit(Samples.batch([Samples.event(1)]))
        }
        #expect(try TelemetryReader(path: path).runningDaemon() == nil)
        _ = try TelemetryStore(path: path)
    }

    @Test func `nothing at the path is missing to a reader, and is not made`() throws {
        let folder = try TemporaryFolder()
        let path = folder("none/t.sqlite")
        #expect(reader(path) == .missing(path: path))
        #expect(!FileManager.default.fileExists(atPath: folder("none")))
    }

    @Test func `a new database is made once a reader has let go of what is there of it`() throws {
        let folder = try TemporaryFolder()
        let path = folder("t.sqlite")
        var configuration = Configuration()
        configuration.allowsUnsafeTransactions = true
        let reader = try DatabaseQueue(path: path, configuration: configuration)
        try reader.writeWithoutTransaction { db in
            try db.execute(sql: "PRAGMA user_version = 0; BEGIN")
            _ = try Row.fetchAll(db, sql: "SELECT * FROM sqlite_schema")
        }
        Thread {
            // A pause in which the start waits, longer than a commit would.
            Thread.sleep(forTimeInterval: 1.5)
            try? reader.writeWithoutTransaction { db in try db.execute(sql: "COMMIT") }
        }.start()
        let store = try TelemetryStore(path: path)
        try store.commit(Samples.batch([Samples.event(1)]))
        #expect(try store.bounds().latest == 1)
    }

    @Test func `a database that another program holds is said to be held`() {
        let expected = TelemetryError.failed(
            path: "/d", reason: "another program reads or writes it")
        #expect(throws: expected) {
            try Connection.reporting("/d") { throw DatabaseError(resultCode: .SQLITE_BUSY) }
        }
    }

    @Test func `a folder is refused`() throws {
        let folder = try TemporaryFolder()
        let expected = TelemetryError.notRegular(path: folder.path, kind: "folder")
        #expect(store(folder.path) == expected)
        #expect(reader(folder.path) == expected)
    }

    @Test func `a database that may only be read is refused to the daemon`() throws {
        let folder = try TemporaryFolder()
        let path = folder("t.sqlite")
        try TelemetryStore(path: path).close()
        let files = FileManager.default
        try files.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder.path)
        try files.setAttributes([.posixPermissions: 0o444], ofItemAtPath: path)
        try files.setAttributes([.posixPermissions: 0o666], ofItemAtPath: path + ".lock")
        let file = unprivileged { store(path) }
        #expect(file == .unusable(path: path, reason: "Permission denied"))
        try files.removeItem(atPath: path + ".lock")
        guard case .unusable(_, let reason) = unprivileged({ store(path) }) else {
            Issue.record("not refused as unusable")
            return
        }
        #expect(reason.contains("Permission denied"))
    }

    @Test func `a folder that cannot be made is refused with the reason`() throws {
        let folder = try TemporaryFolder()
        try Data("x".utf8).write(to: URL(fileURLWithPath: folder("file")))
        guard case .unusable(_, let reason) = store(folder("file/t.sqlite")) else {
            Issue.record("not refused as unusable")
            return
        }
        #expect(reason.contains("Not a directory"))
    }

    @Test func `a file that is no database is refused and left as it is`() throws {
        let folder = try TemporaryFolder()
        let path = folder("t.sqlite")
        let text = Data(String(repeating: "not a database ", count: 100).utf8)
        try text.write(to: URL(fileURLWithPath: path))
        guard case .corrupt = store(path), case .corrupt = reader(path) else {
            Issue.record("not refused as corrupt")
            return
        }
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == text)
    }

    @Test func `a database of another application is refused and left as it is`() throws {
        let folder = try TemporaryFolder()
        for (name, sql) in [("a", "CREATE TABLE t (x)"), ("b", "PRAGMA user_version = 3")] {
            let path = folder(name)
            let other = try DatabaseQueue(path: path)
            try other.writeWithoutTransaction { db in try db.execute(sql: sql) }
            try other.close()
            let before = try Data(contentsOf: URL(fileURLWithPath: path))
            #expect(store(path) == .foreign(path: path))
            #expect(reader(path) == .foreign(path: path))
            #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == before)
        }
    }

    @Test func `a newer schema is refused and left as it is`() throws {
        let folder = try TemporaryFolder()
        let path = folder("t.sqlite")
        try TelemetryStore(path: path).close()
        try DatabaseQueue(path: path).writeWithoutTransaction { db in
            try db.execute(sql: "PRAGMA user_version = 7")
        }
        let expected = TelemetryError.newer(path: path, version: 7, known: 4)
        #expect(store(path) == expected)
        #expect(reader(path) == expected)
    }

    @Test func `a damaged page is found at the next start, and nothing is repaired`() throws {
        let folder = try TemporaryFolder()
        let path = folder("t.sqlite")
        let first = try TelemetryStore(path: path)
        try first.commit(Samples.batch((0..<500).map { Samples.event($0) }))
        try first.close()
        let file = try #require(FileHandle(forUpdatingAtPath: path))
        let size = try file.seekToEnd()
        try file.seek(toOffset: size - 4_096 * 3)
        try file.write(contentsOf: Data(repeating: 0x5A, count: 4_096))
        try file.close()
        let damaged = try Data(contentsOf: URL(fileURLWithPath: path))
        guard case .corrupt = store(path) else {
            Issue.record("damage not found")
            return
        }
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == damaged)
    }

    @Test func `a failed start leaves the lock free`() throws {
        let folder = try TemporaryFolder()
        let path = folder("t.sqlite")
        try Data(repeating: 0x41, count: 4_096).write(to: URL(fileURLWithPath: path))
        _ = store(path)
        try FileManager.default.removeItem(atPath: path)
        _ = try TelemetryStore(path: path)
    }

    @Test(arguments: [
        (TelemetryError.missing(path: "/d"), "there is none; start the daemon first"),
        (
            .unusable(path: "/d", reason: "no room"),
            "no room; name another with --db, or let this user"
        ),
        (
            .corrupt(path: "/d", reason: "bad page"),
            "damaged or no database (bad page); name another"
        ),
        (.foreign(path: "/d"), "belongs to another application; name another"),
        (.newer(path: "/d", version: 3, known: 1), "version 3 and this logtail knows 1"),
        (.inUse(path: "/d", pid: 12), "process id 12 records into it; stop that one"),
        (.inUse(path: "/d", pid: 0), "another daemon records into it"),
        (.full(path: "/d"), "its disk is full; make room"),
        (.failed(path: "/d", reason: "it is busy"), "it is busy; try again"),
    ])
    func `an error says what, which path, why and what to do`(
        error: TelemetryError, words: String
    ) {
        #expect(error.description.hasPrefix("unable to "))
        #expect(error.description.contains("the database /d: "))
        #expect(error.description.contains(words))
    }
}
