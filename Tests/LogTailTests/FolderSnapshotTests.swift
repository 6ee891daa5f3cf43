import Foundation
import Syscalls
import TestSupport
import Testing

@testable import LogTail

@Suite struct FolderSnapshotTests {
    @Test func `has the names that begin with some bytes, and what they stand for`() throws {
        let folder = try TemporaryFolder()
        for name in ["b.log", "a.log", "a.log.1", "a-20260613.log", "ä.log", "c"] {
            try Data().write(to: URL(fileURLWithPath: folder(name)))
        }
        let snapshot = try #require(try FolderSnapshot(of: folder.path))
        #expect(
            snapshot.names(startingWith: "a") == ["a-20260613.log", "a.log", "a.log.1"])
        #expect(snapshot.names(startingWith: "").count == 6)
        #expect(snapshot.names(startingWith: "d").isEmpty)
        #expect(try snapshot.status("c") == FileStatus(path: folder("c")))
        #expect(try snapshot.status("d") == nil)
        #expect(try FolderSnapshot(of: folder("missing")) == nil)
    }

    @Test func `does not vouch for a name that stands for another file by now`() throws {
        let folder = try TemporaryFolder()
        try Data().write(to: URL(fileURLWithPath: folder("a.log")))
        let snapshot = try #require(try FolderSnapshot(of: folder.path))
        try FileManager.default.moveItem(atPath: folder("a.log"), toPath: folder("a.log.1"))
        #expect(try snapshot.status("a.log") == nil)
        try Data().write(to: URL(fileURLWithPath: folder("a.log")))
        #expect(try snapshot.status("a.log") == nil)
    }

    @Test func `a chain that was rotated since the snapshot is listed anew`() throws {
        let folder = try TemporaryFolder()
        try Data().write(to: URL(fileURLWithPath: folder("a.log")))
        try Data().write(to: URL(fileURLWithPath: folder("a.log.1")))
        var finder = SiblingFinder(path: folder("a.log"), archives: nil)
        let snapshot = try #require(try FolderSnapshot(of: folder.path))
        finder.snapshot = snapshot
        let before = try finder.files(remembered: [])
        #expect(before.map(\.path) == [folder("a.log.1"), folder("a.log")])
        #expect(before.map(\.isLive) == [false, true])

        let files = FileManager.default
        try files.moveItem(atPath: folder("a.log.1"), toPath: folder("a.log.2"))
        try files.moveItem(atPath: folder("a.log"), toPath: folder("a.log.1"))
        try Data().write(to: URL(fileURLWithPath: folder("a.log")))
        finder.snapshot = snapshot
        let after = try finder.files(remembered: [])
        #expect(after.map(\.path) == ["a.log.2", "a.log.1", "a.log"].map { folder($0) })
        #expect(after.map(\.identity).dropLast() == before.map(\.identity)[...])
    }

    @Test func `a copy that was made since the snapshot is seen`() throws {
        let folder = try TemporaryFolder()
        try Data().write(to: URL(fileURLWithPath: folder("a.log")))
        var finder = SiblingFinder(path: folder("a.log"), archives: nil)
        let snapshot = try #require(try FolderSnapshot(of: folder.path))
        finder.snapshot = snapshot
        // The clock that marks a folder's change moves every few milliseconds only.
        try eventually("the folder has changed") {
            try Data().write(to: URL(fileURLWithPath: folder("a.log.1")), options: .atomic)
            return try !snapshot.isCurrent()
        }
        #expect(try finder.files(remembered: []).count == 2)
    }

    @Test func `a snapshot serves one look only`() throws {
        let folder = try TemporaryFolder()
        try Data().write(to: URL(fileURLWithPath: folder("a.log")))
        var finder = SiblingFinder(path: folder("a.log"), archives: nil)
        finder.snapshot = try FolderSnapshot(of: folder.path)
        #expect(finder.snapshot != nil)
        #expect(try finder.files(remembered: []).count == 1)
        #expect(finder.snapshot == nil)
    }
}
