import Foundation
import Syscalls
import Testing

/// A client of the unix socket, for tests: every wait has a deadline.
final class BusClientProbe {
    private let socket: UnixSocket
    private let poller: Poller
    private var buffer: [UInt8]
    private var received: [UInt8] = []
    private var start = 0
    private var isEnded = false

    /// Connects to `path`, and sends `request` where there is one; receives at most `chunk` bytes
    /// at once.
    init(_ path: String, _ request: String? = nil, chunk: Int = 65_536) throws {
        buffer = [UInt8](repeating: 0, count: chunk)
        socket = try UnixSocket.connect(to: path)
        poller = try Poller(capacity: 1)
        try poller.add(socket.number, .read)
        if let request { try send(request + "\n") }
    }

    /// Sends all of a text.
    func send(_ text: String) throws {
        var bytes = Array(text.utf8)
        while !bytes.isEmpty {
            guard let count = try socket.send(bytes.span) else {
                try waitUntilReady(.write, until: .now + .seconds(10))
                continue
            }
            bytes.removeFirst(count)
        }
    }

    /// Sends no more.
    func endSending() {
        socket.endSending()
    }

    /// The next line; nil where the server closed the connection.
    func line(within limit: Duration = .seconds(10)) throws -> String? {
        let deadline = ContinuousClock.now + limit
        while true {
            if let end = received[start...].firstIndex(of: UInt8(ascii: "\n")) {
                defer { start = end + 1 }
                return String(decoding: received[start..<end], as: UTF8.self)
            }
            if isEnded { return nil }
            received.removeFirst(start)
            start = 0
            try receive(until: deadline)
        }
    }

    /// The next line as an object.
    func object() throws -> [String: Any]? {
        guard let line = try line() else { return nil }
        return try #require(
            try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    }

    /// The `seq` of the next event.
    func seq() throws -> Int64? {
        guard let line = try line() else { return nil }
        return try Self.seq(of: line)
    }

    /// The `seq` of a line; it is the first field.
    static func seq(of line: String) throws -> Int64 {
        let digits = line.utf8.dropFirst(#"{"seq":"#.utf8.count).prefix { $0 != UInt8(ascii: ",") }
        return try #require(Int64(String(decoding: digits, as: UTF8.self)), "no event: \(line)")
    }

    /// True where the server has closed the connection, found out without reading.
    var isClosedByServer: Bool {
        var isClosed = false
        try? poller.modify(socket.number, [])
        try? poller.wait(milliseconds: 0) { _, readiness in
            isClosed = !readiness.isDisjoint(with: .hangup)
        }
        return isClosed
    }

    private func receive(until deadline: ContinuousClock.Instant) throws {
        do {
            guard let count = try socket.receive(into: &buffer) else {
                return try waitUntilReady(.read, until: deadline)
            }
            received += buffer[..<count]
            isEnded = count == 0
        } catch {
            isEnded = true
        }
    }

    private func waitUntilReady(
        _ readiness: Poller.Readiness, until deadline: ContinuousClock.Instant
    ) throws {
        let left = deadline - .now
        try #require(left > .zero, "nothing came in time")
        try poller.modify(socket.number, readiness)
        try poller.wait(milliseconds: Int32(left / .milliseconds(1)) + 1) { _, _ in }
    }
}
