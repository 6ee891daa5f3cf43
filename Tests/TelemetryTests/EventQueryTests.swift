import LogTail
import Observers
import TestSupport
import Testing

@testable import Telemetry

@Suite struct EventQueryTests {
    /// 200 rows with every kind, status, three sources and two names, a second apart.
    private func filled(_ folder: TemporaryFolder) throws -> TelemetryStore {
        let store = try TelemetryStore(path: folder("t.sqlite"))
        let kinds = EventKind.allCases
        let statuses = EventStatus.allCases
        let events = (0..<200).map { index in
            Samples.event(
                index, kind: kinds[index % kinds.count],
                status: statuses[index % statuses.count],
                source: ["headroom-proxy", "nginx", "o'hara \"x\"; --"][index % 3],
                event: ["log.overhead", "web"][index % 2], second: Int64(index))
        }
        try store.commit(Samples.batch(events))
        return store
    }

    private func seqs(_ store: TelemetryStore, _ query: EventQuery) throws -> [Int64] {
        try TelemetryReader(path: store.path).events(matching: query).map(\.seq)
    }

    @Test func `without a filter all rows come in order`() throws {
        let folder = try TemporaryFolder()
        let store = try filled(folder)
        #expect(try seqs(store, EventQuery()) == Array(1...200))
    }

    @Test func `a limit takes the last rows, after a position the first`() throws {
        let folder = try TemporaryFolder()
        let store = try filled(folder)
        var query = EventQuery()
        query.limit = 3
        #expect(try seqs(store, query) == [198, 199, 200])
        query.after = 10
        #expect(try seqs(store, query) == [11, 12, 13])
        query.after = 199
        #expect(try seqs(store, query) == [200])
        query.after = .max
        #expect(try seqs(store, query) == [])
        query.after = .min
        #expect(try seqs(store, query) == [1, 2, 3])
        query.limit = 0
        #expect(try seqs(store, query) == [])
        query.after = nil
        #expect(try seqs(store, query) == [])
    }

    @Test func `more rows than a page come once each`() throws {
        let folder = try TemporaryFolder()
        let store = try TelemetryStore(path: folder("t.sqlite"))
        try store.commit(Samples.batch((0..<1_203).map { Samples.event($0) }))
        var query = EventQuery()
        #expect(try seqs(store, query) == Array(1...1_203))
        query.limit = 1_100
        #expect(try seqs(store, query) == Array(104...1_203))
        query.limit = 1_000
        query.after = 100
        #expect(try seqs(store, query) == Array(101...1_100))
    }

    @Test func `since is inclusive and until exclusive`() throws {
        let folder = try TemporaryFolder()
        let store = try filled(folder)
        var query = EventQuery()
        query.since = Samples.start.advanced(byMilliseconds: 10_000)
        query.until = Samples.start.advanced(byMilliseconds: 13_000)
        #expect(try seqs(store, query) == [11, 12, 13])
    }

    @Test func `warnings are everything but ok and info`() throws {
        let folder = try TemporaryFolder()
        let store = try filled(folder)
        var query = EventQuery()
        query.warningsOnly = true
        query.limit = 5
        let events = try TelemetryReader(path: store.path).events(matching: query)
        #expect(
            events.map(\.status) == ["degraded", "stall", "warning", "degraded", "stall"])
    }

    @Test func `a value is a value, whatever it holds`() throws {
        let folder = try TemporaryFolder()
        let store = try filled(folder)
        var query = EventQuery()
        query.sources = ["o'hara \"x\"; --"]
        #expect(try seqs(store, query).count == 66)
        query.sources = ["x'; DROP TABLE events; --", "?", "%"]
        #expect(try seqs(store, query) == [])
        query = EventQuery()
        #expect(try seqs(store, query).count == 200)
    }

    @Test func `the database and memory agree on every combination of filters`() throws {
        var random = SeededGenerator()
        let folder = try TemporaryFolder()
        let store = try filled(folder)
        let reader = try TelemetryReader(path: store.path)
        let all = try reader.events(matching: EventQuery())
        for _ in 0..<200 {
            let query = EventQuery.random(&random)
            var expected = all.filter(query.matches)
            if let limit = query.limit {
                expected = Array(
                    query.after == nil ? expected.suffix(limit) : expected.prefix(limit))
            }
            #expect(try reader.events(matching: query) == expected, "\(query)")
        }
    }
}

extension EventQuery {
    fileprivate static func random(_ random: inout SeededGenerator) -> EventQuery {
        func some<Value>(_ values: [Value]) -> [Value] {
            Bool.random(using: &random)
                ? [] : values.filter { _ in Int.random(in: 0..<3, using: &random) == 0 }
        }
        func time() -> Timestamp? {
            Bool.random(using: &random)
                ? nil
                : Samples.start.advanced(
                    byMilliseconds: Double.random(in: -10_000...210_000, using: &random))
        }
        var query = EventQuery()
        query.since = time()
        query.until = time()
        query.sources = some(["headroom-proxy", "nginx", "o'hara \"x\"; --", "none"])
        query.events = some(["log.overhead", "web"])
        query.kinds = some(EventKind.allCases.map(\.rawValue))
        query.statuses = some(EventStatus.allCases.map(\.rawValue))
        query.warningsOnly = Int.random(in: 0..<4, using: &random) == 0
        query.after = Bool.random(using: &random) ? nil : .random(in: 0...200, using: &random)
        query.limit = Bool.random(using: &random) ? nil : .random(in: 0...50, using: &random)
        return query
    }
}
