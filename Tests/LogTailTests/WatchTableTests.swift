import Foundation
import Syscalls
import TestSupport
import Testing

@testable import LogTail

/// Which changes of folders are told, and which wake nobody.
@Suite struct WatchTableTests {
    private let folder: TemporaryFolder
    private let table: WatchTable
    private let poller: Poller

    init() throws {
        folder = try TemporaryFolder()
        table = try WatchTable()
        poller = try Poller()
        try poller.add(try #require(table.number), .read)
        try makeFolder("a/b/c")
    }

    private func makeFolder(_ name: String) throws {
        try FileManager.default.createDirectory(
            atPath: folder(name), withIntermediateDirectories: true)
    }

    private func move(_ name: String, to other: String) throws {
        try FileManager.default.moveItem(atPath: folder(name), toPath: folder(other))
    }

    /// True where something would wake a daemon that is asleep.
    private func isTold() throws -> Bool {
        var isReady = false
        try poller.wait(milliseconds: 0) { _, _ in isReady = true }
        return isReady
    }

    /// The names that were told, as paths in the test's folder.
    private func names() throws -> [String] {
        try table.changes().names.map {
            ($0.folder + "/" + $0.name).replacing(folder.path + "/", with: "")
        }
    }

    @Test func `a folder is lost with one above it that is moved, and can be watched anew`()
        throws
    {
        #expect(table.watchFolder(folder("a/b/c")).isNew)
        #expect(!table.watchFolder(folder("a/b/c")).isNew)
        for (name, other) in [("a", "old-1"), ("a/b", "old-2"), ("a/b/c", "old-3")] {
            try move(name, to: other)
            #expect(try table.changes().changedFolders == [folder("a/b/c")])
            try makeFolder("a/b/c")
            #expect(table.watchFolder(folder("a/b/c")).isNew)
        }
        // Those that were moved away are not heard of any more.
        _ = try table.changes()
        try makeFolder("old-1/b/c/x")
        try move("old-1/b", to: "old-1/d")
        #expect(try !isTold())
        try makeFolder("a/b/c/y")
        #expect(try names() == ["a/b/c/y"])
    }

    @Test func `names that come and go above a folder wake nobody`() throws {
        _ = table.watchFolder(folder("a/b/c"))
        for name in ["x", "a/x", "a/b/x"] {
            try makeFolder(name)
            try FileManager.default.removeItem(atPath: folder(name))
        }
        #expect(try !isTold())
    }

    @Test func `a folder tells of its names as long as they are wanted, whatever lies below`()
        throws
    {
        _ = table.watchFolder(folder("a/b"))
        _ = table.watchFolder(folder("a/b/c"))
        try makeFolder("a/b/x")
        #expect(try names() == ["a/b/x"])
        table.keepFolders([folder("a/b/c")])
        try makeFolder("a/b/y")
        #expect(try !isTold())
        #expect(table.watchFolder(folder("a/b")).isNew)
        try makeFolder("a/b/z")
        #expect(try names() == ["a/b/z"])
        table.keepFolders([folder("a/b/c")])
        try move("a/b", to: "b")
        #expect(try table.changes().changedFolders == [folder("a/b/c")])
        table.keepFolders([])
        _ = try table.changes()
        try move("a", to: "old")
        #expect(try !isTold())
    }

    @Test func `a folder that was moved is told also where another is watched by then`() throws {
        _ = table.watchFolder(folder("a/b/c"))
        try move("a", to: "old")
        try makeFolder("a/b/c")
        #expect(table.watchFolder(folder("a")).isNew)
        #expect(try table.changes().changedFolders.contains(folder("a/b/c")))
        #expect(table.watchFolder(folder("a/b/c")).isNew)
        try makeFolder("a/b/c/x")
        #expect(try names() == ["a/b/c/x"])
    }
}
