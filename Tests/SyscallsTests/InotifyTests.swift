import Foundation
import TestSupport
import Testing

@testable import Syscalls

/// Reports of a real kernel, and records of a hostile one.
struct InotifyTests {
    private func reports(of inotify: Inotify) throws -> [Inotify.Report] {
        var reports: [Inotify.Report] = []
        try inotify.forEachReport { reports.append($0) }
        return reports
    }

    private func changes(_ reports: [Inotify.Report], _ name: String?) -> Inotify.Changes {
        reports.reduce(into: []) { changes, report in
            if case .change(_, let what, let reported) = report, reported == name {
                changes.formUnion(what)
            }
        }
    }

    @Test func `a folder tells of names that come and go`() throws {
        let folder = try TemporaryFolder()
        let inotify = try Inotify()
        _ = try inotify.watch(folder.path, for: [.appeared, .vanished])
        #expect(try reports(of: inotify).isEmpty)
        #expect(FileManager.default.createFile(atPath: folder.path + "/a", contents: nil))
        try FileManager.default.moveItem(atPath: folder.path + "/a", toPath: folder.path + "/b")
        let seen = try reports(of: inotify)
        #expect(!changes(seen, "a").isDisjoint(with: .appeared))
        #expect(!changes(seen, "a").isDisjoint(with: .vanished))
        #expect(!changes(seen, "b").isDisjoint(with: .appeared))
    }

    @Test func `an open file is heard of after it was renamed and deleted`() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/log"
        #expect(FileManager.default.createFile(atPath: path, contents: nil))
        let file = try FileDescriptor(openingToRead: path)
        let inotify = try Inotify()
        _ = try inotify.watch(openFile: file.number, for: [.modified, .attributes, .gone])
        try FileManager.default.moveItem(atPath: path, toPath: path + ".1")
        #expect(!changes(try reports(of: inotify), nil).isDisjoint(with: .gone))
        let writer = try #require(FileHandle(forWritingAtPath: path + ".1"))
        try writer.write(contentsOf: Data("line\n".utf8))
        #expect(changes(try reports(of: inotify), nil).contains(.modified))
        try FileManager.default.removeItem(atPath: path + ".1")
        #expect(changes(try reports(of: inotify), nil).contains(.attributes))
    }

    @Test func `one inode has one watch`() throws {
        let folder = try TemporaryFolder()
        let inotify = try Inotify()
        let first = try inotify.watch(folder.path, for: .appeared)
        let second = try inotify.watch(folder.path + "/.", for: .appeared)
        #expect(first == second)
        inotify.remove(first)
        #expect(!changes(try reports(of: inotify), nil).isDisjoint(with: .ended))
    }

    @Test func `a missing path cannot be watched`() throws {
        let inotify = try Inotify()
        #expect(throws: SystemCallError.self) {
            _ = try inotify.watch("/nonexistent/folder", for: .appeared)
        }
    }

    @Test func `an overflow asks to look at everything`() {
        var overflows = 0
        let record: [UInt8] =
            [0xff, 0xff, 0xff, 0xff, 0x00, 0x40, 0, 0] + [UInt8](repeating: 0, count: 8)
        Inotify.decode(record.span) { if case .overflow = $0 { overflows += 1 } }
        #expect(overflows == 1)
    }

    @Test func `records that are cut or lie about their length do no harm`() {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<2_000 {
            let count = Int.random(in: 0...80, using: &generator)
            let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
            Inotify.decode(bytes.span) { _ in }
            // Lengths that fit, so that names are decoded too.
            var fitting = bytes
            if count >= 16 { fitting.replaceSubrange(12..<16, with: [UInt8(count - 16), 0, 0, 0]) }
            var seen = 0
            Inotify.decode(fitting.span) { _ in seen += 1 }
            #expect(seen == (count >= 16 ? 1 : 0))
        }
    }
}
