import Foundation
import Syscalls
import Telemetry
import TestSupport
import Testing

@testable import Bus

struct UnixSocketLoadTests {
    @Test func `replay goes over into live rows without a gap or a double`() throws {
        var generator = SeededGenerator()
        let server = try BusServer(limits: Self.patient)
        server.commit(Int.random(in: 0...3_000, using: &generator))
        let total: Int64 = 12_000
        let pauses = (0..<400).map { _ in UInt32.random(in: 0...200, using: &generator) }
        let sizes = (0..<400).map { _ in Int.random(in: 1...60, using: &generator) }
        let (log, runner) = (server.log, server.runner)
        try BackgroundThread.start("writer", stackBytes: 256 * 1_024) {
            var turn = 0
            while let latest = try? log.bounds().latest, latest < total {
                log.append(min(sizes[turn % 400], Int(total - latest)))
                runner.wake()
                // A pause: the writer is not always busy.
                usleep(pauses[turn % 400])
                turn += 1
            }
        }
        var clients: [(client: BusClientProbe, next: Int64)] = []
        for _ in 0..<12 {
            // Somewhere in the middle of what is written.
            let latest = try log.bounds().latest + Int64.random(in: 0...400, using: &generator)
            try #require(eventually { try log.bounds().latest >= min(latest, total) })
            let since = Int64.random(in: 0...4_000, using: &generator)
            clients.append((try server.client(#"{"since":\#(since)}"#), since + 1))
        }
        while let index = clients.indices.filter({ clients[$0].next <= total })
            .randomElement(using: &generator)
        {
            for _ in 0..<Int.random(in: 1...800, using: &generator)
            where clients[index].next <= total {
                let seq = try clients[index].client.seq()
                try #require(seq == clients[index].next)
                clients[index].next += 1
            }
        }
        server.commit(1)
        for (client, _) in clients { #expect(try client.seq() == total + 1) }
    }

    @Test func `a thousand clients are served`() throws {
        OpenFileLimit.raise(to: 4_096)
        let server = try BusServer(limits: Self.patient)
        server.commit(20)
        let clients = try (0..<1_000).map { index in
            try BusClientProbe(server.path, index.isMultiple(of: 2) ? "{}" : #"{"since":10}"#)
        }
        for client in clients { #expect(try client.object()?["hello"] != nil) }
        server.commit(3)
        for (index, client) in clients.enumerated() {
            for seq in (index.isMultiple(of: 2) ? 21 : 11)...23 as ClosedRange<Int64> {
                try #require(try client.seq() == seq)
            }
        }
        #expect(server.runner.drain(until: .now + .seconds(10)))
    }

    @Test(arguments: [(64, 48), (1_024, 768), (5_120, 4_096), (.max, .max)] as [(UInt, Int)])
    func `clients leave descriptors for files`(descriptors: UInt, clients: Int) {
        #expect(UnixSocketSink.clients(withinDescriptors: descriptors) == clients)
    }

    @Test func `a client that never reads is closed once too much waits, others go on`() throws {
        let server = try BusServer(limits: Self.impatient)
        let sleeper = try BusClientProbe(server.path, #"{"since":0}"#)
        let reader = try server.client()
        var seq: Int64 = 0
        // A line has some 250 bytes, the kernel holds fewer than 1,000 of them for a client.
        for _ in 0..<60 {
            server.commit(100)
            for _ in 0..<100 {
                seq += 1
                try #require(try reader.seq() == seq)
            }
        }
        // More than 1 MiB waits for the sleeper: it is closed, and finds out when it reads.
        #expect(try sleeper.object()?["hello"] != nil)
        // It may be read from only once the server gave it up, or it would be no sleeper.
        #expect(eventually { sleeper.isClosedByServer })
        var last: Int64 = 0
        var lagged: String?
        while let line = try sleeper.line() {
            if line.hasPrefix(#"{"seq":"#) {
                let next = try BusClientProbe.seq(of: line)
                try #require(next == last + 1)
                last = next
            } else {
                lagged = line
            }
        }
        #expect(lagged == #"{"lagged":true,"seq":\#(last)}"#)
        #expect(last > 0 && last < seq)
        // It comes back and gets the rest.
        let back = try server.client(#"{"since":\#(last)}"#)
        for next in last + 1...seq { try #require(try back.seq() == next) }
    }

    @Test func `a client that never reads is left alone while little waits for it`() throws {
        let server = try BusServer(limits: Self.impatient)
        let modest = try server.client(#"{"source":"rare"}"#)
        server.commit(900) { $0.source = "rare" }
        let greedy = try server.client(#"{"since":0}"#)
        // Far more than 1 MiB, but not for the modest one.
        server.commit(9_000)
        #expect(eventually { greedy.isClosedByServer })
        server.commit(1)
        #expect(server.runner.drain(until: .now + .milliseconds(1)) == false)
        #expect(!modest.isClosedByServer)
        for seq in 1...900 as ClosedRange<Int64> { try #require(try modest.seq() == seq) }
        #expect(server.runner.drain(until: .now + .seconds(10)))
    }

    @Test func `a slow client is not given up as long as it reads`() throws {
        var limits = UnixSocketSink.Limits()
        limits.patience = .milliseconds(400)
        let server = try BusServer(limits: limits)
        server.commit(8_000)
        let slow = try BusClientProbe(server.path, #"{"since":0}"#, chunk: 512)
        let sleeper = try server.client(#"{"since":0}"#)
        #expect(try slow.object()?["hello"] != nil)
        var next: Int64 = 1
        // Both are blocked, and only what one of them takes now and then tells them apart.
        try TestSupport.eventually("the one that takes nothing is closed") {
            let seq = try slow.seq()
            #expect(seq == next)
            next += 1
            return sleeper.isClosedByServer && next > 60
        }
        for seq in next...8_000 { try #require(try slow.seq() == seq) }
    }

    @Test func `many clients that never read cost no memory to speak of`() throws {
        OpenFileLimit.raise(to: 4_096)
        let server = try BusServer(limits: Self.patient)
        let detail = #"{"x":""# + String(repeating: "a", count: 60_000) + #""}"#
        server.commit(100) { $0.detail = detail }
        let sleepers = try (0..<200).map { _ in try server.client(#"{"since":0}"#) }
        let reader = try server.client()
        server.commit(1)
        #expect(try reader.seq() == 101)
        // Each could hold a rest of at most one line; 200 backlogs would be 1.2 GB.
        let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") })
        let kibibytes = try #require(line.split(separator: " ").compactMap { Int($0) }.first)
        #expect(kibibytes < 400 * 1_024)
        #expect(sleepers.allSatisfy { !$0.isClosedByServer })
    }

    /// For clients that have to wait for a slow machine.
    private static var patient: UnixSocketSink.Limits {
        var limits = UnixSocketSink.Limits()
        limits.patience = .seconds(600)
        limits.requestTime = .seconds(600)
        return limits
    }

    /// As little patience as a test can afford without taking a busy machine for a sleeper.
    private static var impatient: UnixSocketSink.Limits {
        var limits = UnixSocketSink.Limits()
        limits.patience = .milliseconds(30)
        return limits
    }
}
