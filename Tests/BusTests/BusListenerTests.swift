import Foundation
import Syscalls
import TestSupport
import Testing

@testable import Bus

struct BusListenerTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    @Test func `the folder is made for the owner, the socket for the group`() throws {
        let path = folder.path + "/new/deeper/bus.sock"
        let listener = try BusListener(path: path, poller: try Poller())
        #expect(try permissions(folder.path + "/new") == 0o700)
        #expect(try permissions(folder.path + "/new/deeper") == 0o700)
        #expect(try permissions(path) == 0o660)
        listener.close()
        #expect(try FileStatus(path: path) == nil)
    }

    @Test func `a socket that nobody listens on is replaced`() throws {
        let path = folder.path + "/bus.sock"
        // Closed without removing its file, as a process that was killed leaves it.
        do { _ = try UnixSocket.listen(at: path) }
        #expect(try UnixSocket.answer(at: path) == .nobody)
        let listener = try BusListener(path: path, poller: try Poller())
        #expect(try UnixSocket.answer(at: path) == .server)
        listener.close()
    }

    @Test func `a socket in use is left alone`() throws {
        let path = folder.path + "/bus.sock"
        let first = try BusListener(path: path, poller: try Poller())
        #expect(throws: BusError.inUse(path: path)) {
            try BusListener(path: path, poller: try Poller())
        }
        #expect(try UnixSocket.answer(at: path) == .server)
        first.close()
    }

    @Test func `a file that is no socket is left alone`() throws {
        let path = folder.path + "/precious"
        try Data("precious".utf8).write(to: URL(fileURLWithPath: path))
        let error = #expect(throws: BusError.self) {
            try BusListener(path: path, poller: try Poller())
        }
        #expect(error.map { "\($0)" }?.contains("File exists") == true)
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == Data("precious".utf8))
    }

    @Test func `the longest path that a socket can have works, one byte more is refused`() throws {
        let room = UnixSocket.maximumPathBytes - folder.path.utf8.count - 1
        let longest = folder.path + "/" + String(repeating: "s", count: room)
        try BusListener(path: longest, poller: try Poller()).close()
        let error = #expect(throws: BusError.self) {
            try BusListener(path: longest + "s", poller: try Poller())
        }
        #expect(error == .pathTooLong(path: longest + "s", limitBytes: 107))
        #expect(error.map { "\($0)" }?.contains("this one has 108") == true)
    }

    @Test func `a folder that cannot be made is named`() throws {
        let path = "/proc/nowhere/bus.sock"
        let error = #expect(throws: BusError.self) {
            try BusListener(path: path, poller: try Poller())
        }
        #expect(error.map { "\($0)" }?.contains("listen on \(path)") == true)
    }

    @Test func `another one's socket in its place is not removed`() throws {
        let path = folder.path + "/bus.sock"
        let listener = try BusListener(path: path, poller: try Poller())
        try Folder.remove(path)
        let successor = try BusListener(path: path, poller: try Poller())
        listener.close()
        #expect(try UnixSocket.answer(at: path) == .server)
        successor.close()
    }

    private func permissions(_ path: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    }
}
