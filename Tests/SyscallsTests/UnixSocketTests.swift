import Foundation
import Glibc
import Synchronization
import Syscalls
import Testing

struct UnixSocketTests {
    private let path = "/tmp/logtail-socket-\(UUID().uuidString.prefix(13))"

    @Test func `bytes travel both ways, and the end after them`() throws {
        let server = try #require(try Socket.listen(at: path))
        defer { try? Folder.remove(path) }
        let client = try Socket.connect(to: path)
        let accepted = try #require(try server.accept())
        #expect(try accepted.receive() == nil)
        #expect(try client.send([1, 2, 3]) == 3)
        #expect(try accepted.receive() == [1, 2, 3])
        #expect(try accepted.send([4]) == 1)
        client.endSending()
        #expect(try accepted.receive() == [])
        #expect(try accepted.send([5]) == 1)
        #expect(try client.receive() == [4, 5])
    }

    @Test func `nobody to accept is no error`() throws {
        let server = try #require(try Socket.listen(at: path))
        defer { try? Folder.remove(path) }
        #expect(try server.accept() == nil)
    }

    @Test func `sending to one who left is an error and no signal`() throws {
        let server = try #require(try Socket.listen(at: path))
        defer { try? Folder.remove(path) }
        do { _ = try Socket.connect(to: path) }
        let accepted = try #require(try server.accept())
        let error = #expect(throws: SystemCallError.self) { try accepted.send([1]) }
        #expect(error?.isBrokenPipe == true)
    }

    @Test func `a full stream takes nothing until it is read, or its limit is raised`() throws {
        let server = try #require(try Socket.listen(at: path))
        defer { try? Folder.remove(path) }
        let client = try Socket.connect(to: path)
        let accepted = try #require(try server.accept())
        let block = [UInt8](repeating: 7, count: 1_024)
        #expect(accepted.unreceivedBytes == 0)
        while try accepted.send(block) != nil {}
        let full = try #require(accepted.unreceivedBytes)
        #expect(full > 64 * 1_024)
        #expect(try client.receive() == block)
        #expect(try #require(accepted.unreceivedBytes) < full)
        while try accepted.send(block) != nil {}
        accepted.raiseSendLimit()
        #expect(try accepted.send(block) == 1_024)
    }

    @Test func `what is at a path is told`() throws {
        #expect(try UnixSocket.answer(at: path) == .missing)
        #expect(try UnixSocket.answer(at: "/etc/passwd") == .otherFile)
        #expect(try UnixSocket.answer(at: "/tmp") == .otherFile)
        do {
            let server = try #require(try Socket.listen(at: path))
            #expect(try UnixSocket.answer(at: path) == .server)
            // The probe's own connection is one that left.
            _ = try server.accept()
        }
        #expect(try UnixSocket.answer(at: path) == .nobody)
        try Folder.remove(path)
        #expect(try UnixSocket.answer(at: path) == .missing)
    }

    @Test func `a dead socket is replaced, a live one is not`() throws {
        do { _ = try Socket.listen(at: path) }
        defer { try? Folder.remove(path) }
        let server = try #require(try Socket.listen(at: path))
        #expect(try Socket.listen(at: path) == nil)
        _ = try Socket.connect(to: path)
        #expect(try server.accept() != nil)
    }

    @Test func `of many servers that start at once on a dead socket one is left`() throws {
        let path = path
        do { _ = try Socket.listen(at: path) }
        defer { try? Folder.remove(path) }
        let outcomes = Outcomes()
        let (count, done) = (16, try EventFlag())
        for _ in 0..<count {
            try BackgroundThread.start("server", stackBytes: 256 * 1_024) {
                outcomes.add(Result { try Socket.listen(at: path) })
                done.raise()
            }
        }
        while outcomes.all.count < count {
            done.wait(milliseconds: 10_000)
            done.lower()
        }
        #expect(try outcomes.all.filter { try $0.get() != nil }.count == 1)
        #expect(try UnixSocket.answer(at: path) == .server)
    }

    @Test func `a path may be as long as the address and no longer`() throws {
        let room = UnixSocket.maximumPathBytes - path.utf8.count
        let longest = path + String(repeating: "x", count: room)
        _ = try #require(try Socket.listen(at: longest))
        try Folder.remove(longest)
        let error = #expect(throws: SystemCallError.self) {
            _ = try UnixSocket.listen(at: longest + "x")
        }
        #expect(error?.errorNumber == ENAMETOOLONG)
    }

    @Test(arguments: [
        ("/nowhere/at/all", "bind"), ("/etc/passwd", "bind"), ("/tmp", "bind"),
        ("/etc/passwd/x", "bind"),
    ])
    func `a server that cannot be says what failed`(path: String, call: String) {
        let error = #expect(throws: SystemCallError.self) { _ = try Socket.listen(at: path) }
        #expect(error?.call == call)
        #expect(error?.object == path)
    }
}

/// A socket that can be passed around.
private final class Socket: Equatable, Sendable {
    private let socket: UnixSocket

    private init(_ socket: consuming UnixSocket) {
        self.socket = socket
    }

    static func listen(at path: String) throws(SystemCallError) -> Socket? {
        guard let socket = try UnixSocket.listen(at: path) else { return nil }
        return Socket(socket)
    }

    static func connect(to path: String) throws(SystemCallError) -> Socket {
        Socket(try UnixSocket.connect(to: path))
    }

    func accept() throws(SystemCallError) -> Socket? {
        guard let accepted = try socket.accept() else { return nil }
        return Socket(accepted)
    }

    var unreceivedBytes: Int32? { socket.unreceivedBytes }

    func send(_ bytes: [UInt8]) throws(SystemCallError) -> Int? {
        try socket.send(bytes.span)
    }

    func receive() throws(SystemCallError) -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: 1_024)
        return try socket.receive(into: &buffer).map { Array(buffer[..<$0]) }
    }

    func endSending() {
        socket.endSending()
    }

    func raiseSendLimit() {
        socket.raiseSendLimit()
    }

    static func == (left: Socket, right: Socket) -> Bool { left === right }
}

/// Results from several threads.
private final class Outcomes: Sendable {
    private let outcomes = Mutex<[Result<Socket?, any Error>]>([])

    var all: [Result<Socket?, any Error>] { outcomes.withLock { $0 } }

    func add(_ outcome: Result<Socket?, any Error>) {
        outcomes.withLock { $0.append(outcome) }
    }
}
