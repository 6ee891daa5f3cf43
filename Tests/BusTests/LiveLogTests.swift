import Foundation
import TestSupport
import Testing

@testable import Bus
@testable import Telemetry

struct LiveLogTests {
    private let fresh = FreshRows()
    private let log = MemoryLog()

    @Test func `who keeps up is served from memory, who replays from the database`() throws {
        let server = try start("a")
        commit(1_000, server)
        let live = try server.client()
        commit(1, server)
        #expect(try live.seq() == 1_001)
        let questions = log.questions
        for seq in 1_002...1_020 as ClosedRange<Int64> {
            commit(1, server)
            #expect(try live.seq() == seq)
        }
        #expect(log.questions == questions)
        let replay = try server.client(#"{"since":0}"#)
        for seq in 1...1_020 as ClosedRange<Int64> { try #require(try replay.seq() == seq) }
        #expect(log.questions > questions)
    }

    @Test func `between memory and database no row is lost or doubled, whoever reads`() throws {
        var generator = SeededGenerator()
        // Most clients do not read until the end.
        let servers = try ["a", "b"].map { try start($0, .init(waitingBytes: .max)) }
        var clients: [(probe: BusClientProbe, next: Int64)] = []
        var total: Int64 = 0
        for _ in 0..<60 {
            let server = try #require(servers.randomElement(using: &generator))
            let since = Int64.random(in: 0...total, using: &generator)
            clients.append((try server.client(#"{"since":\#(since)}"#), since + 1))
            // One row mostly, sometimes more than are kept.
            let isOne = Bool.random(using: &generator)
            let count = isOne ? 1 : Int.random(in: 0...300, using: &generator)
            commit(count, servers)
            total += Int64(count)
            // Some keep up, the others are found at any distance by the next commits.
            for index in clients.indices where Int.random(in: 0..<4, using: &generator) == 0 {
                while clients[index].next <= total {
                    try #require(try clients[index].probe.seq() == clients[index].next)
                    clients[index].next += 1
                }
            }
        }
        for (client, next) in clients {
            for seq in next..<total + 1 { try #require(try client.seq() == seq) }
        }
        for server in servers {
            #expect(server.runner.drain(until: .now + .seconds(10)))
            #expect(log.positions[server.runner.name] == total)
        }
    }

    @Test func `rows that never were in memory come in their place`() throws {
        let server = try start("a")
        let client = try server.client()
        commit(2, server)
        // As another program's rows would.
        log.append(3)
        commit(2, server)
        for seq in 1...7 as ClosedRange<Int64> { #expect(try client.seq() == seq) }
    }

    @Test func `a database that fails holds up nobody who needs nothing of it`() throws {
        let server = try start("a")
        let client = try server.client()
        commit(1, server)
        #expect(try client.seq() == 1)
        log.fail(.missing(path: "/x"))
        fresh.add([MemoryLog.event(seq: 2)])
        server.runner.wake()
        #expect(try client.seq() == 2)
        log.fail(nil)
    }

    private func start(
        _ name: String, _ limits: UnixSocketSink.Limits = .init()
    ) throws -> BusServer {
        let fresh = fresh
        return try BusServer(log: log, limits: limits, name: name) { LiveLog(fresh, $0) }
    }

    /// Commits rows as the store does.
    private func commit(_ count: Int, _ servers: BusServer...) {
        commit(count, servers)
    }

    private func commit(_ count: Int, _ servers: [BusServer]) {
        fresh.add(Array(log.append(count).suffix(FreshRows.limit)))
        for server in servers { server.runner.wake() }
    }
}
