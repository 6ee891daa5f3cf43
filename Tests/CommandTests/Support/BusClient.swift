import Foundation
import Syscalls
import TestSupport
import Testing

/// A program that reads the bus; every wait has a deadline.
final class BusClient {
    private let socket: UnixSocket
    private let poller: Poller
    private var buffer = [UInt8](repeating: 0, count: 65_536)
    private var received: [UInt8] = []
    private var start = 0
    private var isEnded = false

    /// Connects to `path` and sends a request, which a socket always has room for.
    init(_ path: String, _ request: String = "{}") throws {
        socket = try UnixSocket.connect(to: path)
        poller = try Poller(capacity: 1)
        try poller.add(socket.number, .read)
        _ = try socket.send(Array((request + "\n").utf8).span)
    }

    /// The next line as an object; nil where the daemon closed the connection.
    func object(within limit: Duration = .seconds(20)) throws -> [String: Any]? {
        guard let line = try line(within: limit) else { return nil }
        return try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
    }

    /// The `seq` of the next `count` events.
    func seqs(_ count: Int, within limit: Duration = .seconds(20)) throws -> [Int] {
        let deadline = ContinuousClock.now + limit
        return try (0..<count).map { _ in
            let line = try line(within: deadline - .now)
            return try #require(line.flatMap(Self.seq))
        }
    }

    /// The `seq` of every event up to the end of the connection, and the line after them.
    func seqsToTheEnd() throws -> (seqs: [Int], rest: String?) {
        var seqs: [Int] = []
        while let line = try line(within: .seconds(20)) {
            guard let seq = Self.seq(of: line) else { return (seqs, line) }
            seqs.append(seq)
        }
        return (seqs, nil)
    }

    /// True where the daemon has closed the connection, found out without reading.
    var isClosedByDaemon: Bool {
        var isClosed = false
        try? poller.modify(socket.number, [])
        try? poller.wait(milliseconds: 0) { _, readiness in
            isClosed = !readiness.isDisjoint(with: .hangup)
        }
        try? poller.modify(socket.number, .read)
        return isClosed
    }

    /// The `seq` of an event's line, where it is the first field; nil of another line.
    private static func seq(of line: String) -> Int? {
        let key = #"{"seq":"#
        guard line.hasPrefix(key) else { return nil }
        return Int(line.dropFirst(key.count).prefix { $0.isNumber })
    }

    private func line(within limit: Duration) throws -> String? {
        let deadline = ContinuousClock.now + limit
        while true {
            if let end = received[start...].firstIndex(of: UInt8(ascii: "\n")) {
                defer { start = end + 1 }
                return String(decoding: received[start..<end], as: UTF8.self)
            }
            if isEnded { return nil }
            received.removeFirst(start)
            start = 0
            try receive(until: deadline, limit)
        }
    }

    private func receive(until deadline: ContinuousClock.Instant, _ limit: Duration) throws {
        let left = deadline - .now
        guard left > .zero else { throw Overdue(what: "a line on the bus", limit: limit) }
        try poller.wait(milliseconds: Int32(left / .milliseconds(1)) + 1) { _, _ in }
        guard let count = try socket.receive(into: &buffer) else { return }
        received += buffer[..<count]
        isEnded = count == 0
    }
}
