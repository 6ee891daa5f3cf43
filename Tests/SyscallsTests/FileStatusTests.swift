import Foundation
import Syscalls
import TestSupport
import Testing

/// What the file system says of files of every kind.
struct FileStatusTests {
    private let folder = try? TemporaryFolder()

    private func path(_ name: String) throws -> String { try #require(folder).path + "/" + name }

    @Test func `a missing path has no status`() throws {
        #expect(try FileStatus(path: path("none")) == nil)
        #expect(try FileStatus(path: path("none/below")) == nil)
    }

    @Test func `a file tells its size, its links and the same identity by path and descriptor`()
        throws
    {
        let log = try path("log")
        try Data("twelve bytes".utf8).write(to: URL(filePath: log))
        let byPath = try #require(try FileStatus(path: log))
        let byDescriptor = try FileStatus(of: FileDescriptor(openingToRead: log))
        #expect(byPath == byDescriptor)
        #expect(byPath.size == 12)
        #expect(byPath.links == 1)
        #expect(byPath.kind == .regular)
        try Data("longer now, and the same file".utf8).write(to: URL(filePath: log))
        #expect(try FileStatus(path: log)?.isSameFile(as: byPath) == true)
        #expect(try FileStatus(path: "/")?.isSameFile(as: byPath) == false)
    }

    @Test func `a file that is deleted and made again is another one`() throws {
        let log = try path("log")
        var identities: Set<String> = []
        for _ in 0..<20 {
            #expect(FileManager.default.createFile(atPath: log, contents: nil))
            let status = try #require(try FileStatus(path: log))
            identities.insert("\(status.inode) \(status.birth ?? 0)")
            try FileManager.default.removeItem(atPath: log)
        }
        // ext4 gives the inode away again at once; the birth time is what differs. It has the
        // resolution of a kernel tick, so a few of twenty may coincide.
        #expect(identities.count > 1)
    }

    @Test(arguments: [
        ("folder", FileStatus.Kind.folder), ("pipe", .pipe), ("/dev/null", .device),
    ])
    func `only regular files can be followed`(_ name: String, _ kind: FileStatus.Kind) throws {
        let special = try name.hasPrefix("/") ? name : path(name)
        switch kind {
        case .folder:
            try FileManager.default.createDirectory(
                atPath: special, withIntermediateDirectories: false)
        case .pipe:
            // SAFETY: the path outlives the call.
            let made = unsafe mkfifo(special, 0o600)
            #expect(made == 0)
        default: break
        }
        let status = try #require(try FileStatus(path: special))
        #expect(status.kind == kind)
        #expect(throws: SystemCallError.self) { try status.requireRegular(special) }
    }

    @Test func `a symlink has the status of what it leads to`() throws {
        let log = try path("log")
        let link = try path("link")
        try Data("x".utf8).write(to: URL(filePath: log))
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "log")
        #expect(try FileStatus(path: link) == FileStatus(path: log))
        #expect(Folder.linkTarget(link) == "log")
        #expect(Folder.linkTarget(log) == nil)
        #expect(Folder.realPath(link) == Folder.realPath(log))
    }

    @Test func `a folder lists its names, and a missing one has none`() throws {
        let names = ["a", "ä.log", ".hidden", "b c"]
        for name in names {
            #expect(FileManager.default.createFile(atPath: try path(name), contents: nil))
        }
        #expect(try Folder.names(in: #require(folder).path)?.sorted() == names.sorted())
        #expect(try Folder.names(in: path("missing")) == nil)
    }

    @Test(arguments: [
        ("proxy-8787.log", "proxy-[0-9]*.log", true),
        ("proxy-stdio-1.log", "proxy-[0-9]*.log", false),
        (".hidden.log", "*.log", false), ("access.log", "?ccess.log", true),
    ])
    func `names match shell patterns`(_ name: String, _ pattern: String, _ matches: Bool) {
        #expect(Folder.matches(name, pattern: pattern) == matches)
    }
}
