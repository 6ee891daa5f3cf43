import Foundation
import Syscalls
import Telemetry
import Testing

@testable import Bus

struct UnixSocketSinkTests {
    @Test func `a client without since gets what comes after its greeting`() throws {
        let server = try BusServer()
        server.commit(3)
        let client = try BusClientProbe(server.path, "{}")
        let hello = try #require(try client.line())
        #expect(hello == #"{"hello":"logtail","oldest":1,"latest":3,"truncated":false}"#)
        server.commit(2)
        #expect(try client.seq() == 4)
        #expect(try client.seq() == 5)
    }

    @Test func `a client with since gets every row after it, then live ones`() throws {
        let server = try BusServer()
        server.commit(1_000)
        let client = try server.client(#"{"since":10}"#)
        for seq in 11...1_000 as ClosedRange<Int64> { #expect(try client.seq() == seq) }
        server.commit(1)
        #expect(try client.seq() == 1_001)
    }

    @Test func `rows that come a few at a time all come`() throws {
        let server = try BusServer()
        server.log.limitPages(to: 3)
        server.commit(20)
        let client = try server.client(#"{"since":0}"#)
        server.commit(1)
        for seq in 1...21 as ClosedRange<Int64> { #expect(try client.seq() == seq) }
    }

    @Test(arguments: [(Int64.min, true), (-1, true), (3, true), (4, false), (.max, false)])
    func `the greeting says whether rows after since were pruned`(
        since: Int64, truncated: Bool
    ) throws {
        let server = try BusServer()
        server.commit(9)
        server.log.prune(through: 4)
        let client = try BusClientProbe(server.path, #"{"since":\#(since)}"#)
        let hello = try #require(try client.object())
        #expect(hello["truncated"] as? Bool == truncated)
        #expect(hello["oldest"] as? Int == 5)
        #expect(hello["latest"] as? Int == 9)
        if since != .max { #expect(try client.seq() == 5) }
    }

    @Test(arguments: [4, 8] as [Int64])
    func `a client whose next rows were pruned is told and closed`(pruned: Int64) throws {
        let server = try BusServer()
        server.commit(2)
        let client = try server.client()
        server.log.append(6)
        server.log.prune(through: pruned)
        server.runner.wake()
        #expect(try client.line() == #"{"lagged":true,"seq":2}"#)
        #expect(try client.line() == nil)

        let again = try BusClientProbe(server.path, #"{"since":2}"#)
        #expect(try again.object()?["truncated"] as? Bool == true)
        server.commit(1)
        for seq in (pruned + 1)...9 { #expect(try again.seq() == seq) }
    }

    @Test func `rows that somebody deleted in between are no reason to close a client`() throws {
        let server = try BusServer()
        server.commit(2)
        let client = try server.client()
        server.log.append(6)
        server.log.delete(3...4)
        server.log.delete(7...8)
        server.runner.wake()
        #expect(try client.seq() == 5)
        #expect(try client.seq() == 6)
        server.commit(1)
        #expect(try client.seq() == 9)
    }

    @Test func `filters and publish decide what a client gets`() throws {
        let server = try BusServer()
        let all = try server.client(#"{"publish":"all"}"#)
        let episodes = try server.client()
        let breaches = try server.client(#"{"kind":"overhead"}"#)
        let named = try server.client(
            #"{"kind":["overhead","stall_episode"],"publish":"episodes"}"#)
        let other = try server.client(#"{"source":["b","c"],"status":"stall"}"#)
        server.commit(1) { $0.kind = "overhead" }
        server.commit(1) { $0.source = "b" }
        server.commit(1) { ($0.source, $0.status) = ("b", "degraded") }
        server.commit(1) { ($0.source, $0.kind) = ("c", "overhead") }
        server.commit(1) { $0.source = "c" }
        for seq in 1...5 as ClosedRange<Int64> { #expect(try all.seq() == seq) }
        for seq in [2, 3, 5] as [Int64] { #expect(try episodes.seq() == seq) }
        for seq in [1, 4] as [Int64] { #expect(try breaches.seq() == seq) }
        for seq in [2, 3, 5] as [Int64] { #expect(try named.seq() == seq) }
        for seq in [2, 5] as [Int64] { #expect(try other.seq() == seq) }
    }

    @Test func `the daemon's publication is the default`() throws {
        let server = try BusServer(publication: .all)
        let all = try server.client()
        let episodes = try server.client(#"{"publish":"episodes"}"#)
        server.commit(1) { $0.kind = "overhead" }
        server.commit(1)
        #expect(try all.seq() == 1)
        #expect(try episodes.seq() == 2)
    }

    @Test(arguments: ["hello", #"{"sinse":1}"#, #"{"since":"x"}"#, "[]", ""])
    func `a client that is not understood is told why and closed`(request: String) throws {
        let server = try BusServer()
        let client = try BusClientProbe(server.path, request)
        let reply = try #require(try client.object())
        #expect(Array(reply.keys) == ["error"])
        #expect(try client.line() == nil)
    }

    @Test func `a request may be 4 KiB long and no longer`() throws {
        let server = try BusServer()
        let longest = String(repeating: " ", count: 4_094) + "{}"
        let accepted = try BusClientProbe(server.path, longest)
        #expect(try accepted.object()?["hello"] != nil)
        let refused = try BusClientProbe(server.path, " " + longest)
        #expect(
            try refused.line() == #"{"error":"the request is longer than 4096 bytes"}"#)
        #expect(try refused.line() == nil)
    }

    @Test func `a client that sends without end is told why before it is closed`() throws {
        let server = try BusServer()
        let client = try BusClientProbe(server.path)
        try client.send(String(repeating: "x", count: 1 << 20))
        #expect(try client.object()?["error"] != nil)
        #expect(try client.line() == nil)
    }

    @Test func `a client that sends no request in time is told why and closed`() throws {
        var limits = UnixSocketSink.Limits()
        limits.requestTime = .milliseconds(50)
        let server = try BusServer(limits: limits)
        let silent = try BusClientProbe(server.path)
        let slow = try BusClientProbe(server.path)
        try slow.send(#"{"since":"#)
        for client in [silent, slow] {
            #expect(try client.line() == #"{"error":"no request came within 0.05 seconds"}"#)
            #expect(try client.line() == nil)
        }
    }

    @Test func `a request may come in pieces`() throws {
        let server = try BusServer()
        server.commit(2)
        let client = try BusClientProbe(server.path)
        for character in #"{"since":1}"# { try client.send(String(character)) }
        try client.send("\n")
        #expect(try client.object()?["hello"] != nil)
        #expect(try client.seq() == 2)
    }

    @Test func `a client that sends no more is still served`() throws {
        let server = try BusServer()
        let client = try server.client()
        client.endSending()
        server.commit(1)
        #expect(try client.seq() == 1)
        server.commit(1)
        #expect(try client.seq() == 2)
    }

    @Test func `a request may end with the client's end instead of a newline`() throws {
        let server = try BusServer()
        server.commit(1)
        let client = try BusClientProbe(server.path)
        try client.send(#"{"since":0}"#)
        client.endSending()
        #expect(try client.object()?["hello"] != nil)
        #expect(try client.seq() == 1)
        let silent = try BusClientProbe(server.path)
        silent.endSending()
        #expect(try silent.object()?["error"] != nil)
        #expect(try silent.line() == nil)
    }

    @Test func `what follows a request means nothing`() throws {
        let server = try BusServer()
        let client = try server.client("{}\nmore\n" + String(repeating: "x", count: 9_000))
        server.commit(1)
        #expect(try client.seq() == 1)
    }

    @Test func `clients that leave at any moment disturb nobody`() throws {
        let server = try BusServer()
        server.commit(2_000)
        let client = try server.client()
        for request in [nil, "", "{}", #"{"since":0}"#, "nonsense"] as [String?] {
            for _ in 0..<20 { _ = try BusClientProbe(server.path, request) }
        }
        server.commit(1)
        #expect(try client.seq() == 2_001)
        #expect(server.reports.all == [])
    }

    @Test func `one client too many is told so`() throws {
        var limits = UnixSocketSink.Limits()
        limits.clients = 2
        let server = try BusServer(limits: limits)
        var first: BusClientProbe? = try server.client()
        let second = try server.client()
        // It sends nothing, since it may be closed before it could.
        let third = try BusClientProbe(server.path)
        #expect(try third.line() == #"{"error":"2 clients are served already"}"#)
        #expect(try third.line() == nil)
        #expect(first != nil)
        first = nil
        #expect(
            eventually {
                (try? BusClientProbe(server.path, "{}").object())?["hello"] != nil
            })
        server.commit(1)
        #expect(try second.seq() == 1)
    }

    @Test func `a database that fails for a while delays rows and loses none`() throws {
        let server = try BusServer()
        let client = try server.client()
        let failure = TelemetryError.failed(path: "t.sqlite", reason: "busy")
        server.log.fail(failure)
        server.commit(2)
        #expect(eventually { !server.reports.all.isEmpty })
        let waiting = try BusClientProbe(server.path, #"{"since":1}"#)
        server.log.fail(nil)
        #expect(try client.seq() == 1)
        #expect(try client.seq() == 2)
        #expect(try waiting.object()?["hello"] != nil)
        #expect(try waiting.seq() == 2)
        #expect(eventually { server.reports.all.count == 2 })
        let name = server.runner.name
        #expect(
            server.reports.all
                == [.failing(sink: name, .database(failure)), .recovered(sink: name)])
    }
}
