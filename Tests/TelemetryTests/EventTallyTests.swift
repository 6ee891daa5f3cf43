import Foundation
import GRDB
import LogTail
import Observers
import TestSupport
import Testing

@testable import Telemetry

/// Events are counted after their commit, and the counts are exact all the same.
@Suite struct EventTallyTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    private func counts(_ path: String) throws -> [String: Int64] {
        let counts = try TelemetryReader(path: path).eventCounts()
        return Dictionary(
            uniqueKeysWithValues: counts.map { ("\($0.source) \($0.kind) \($0.status)", $0.count) })
    }

    private func untallied(_ store: TelemetryStore) throws -> Int64? {
        let sql = "SELECT count(*) FROM events, retention WHERE seq > events_tallied"
        return try store.connection.database.read { db in try Int64.fetchOne(db, sql: sql) }
    }

    private func limits(events: Int64) -> RetentionLimits {
        RetentionLimits(days: 0, events: events, mebibytes: 0)
    }

    @Test func `events are counted from their commit on, and tallied with the next step`() throws {
        let store = try TelemetryStore(path: folder("t.sqlite"))
        let upkeep = try RetentionUpkeep(store, limits(events: 0), sinks: []) { _ in }
        try store.commit(Samples.batch((0..<5).map { Samples.event($0) }))
        #expect(try counts(store.path) == ["headroom-proxy overhead degraded": 5])
        #expect(try untallied(store) == 5)
        _ = try upkeep.step()
        #expect(try counts(store.path) == ["headroom-proxy overhead degraded": 5])
        #expect(try untallied(store) == 0)
    }

    @Test func `a step with nothing new writes nothing`() throws {
        let store = try TelemetryStore(path: folder("t.sqlite"))
        let upkeep = try RetentionUpkeep(store, limits(events: 0), sinks: []) { _ in }
        var batch = Samples.batch([Samples.event(0)])
        batch.latency = [Samples.cell([1])]
        try store.commit(batch)
        _ = try upkeep.step()
        let bytes = try TelemetryReader(path: store.path).fileBytes.writeAheadLog
        _ = try upkeep.step()
        #expect(try TelemetryReader(path: store.path).fileBytes.writeAheadLog == bytes)
    }

    /// Whatever happens in which order: commits, steps of the daemon, pruning by another process,
    /// and crashes, after which the files are as they lie there.
    @Test func `nothing is lost or counted twice, whatever happens in which order`() throws {
        var random = SeededGenerator()
        var path = folder("0.sqlite")
        var store = try TelemetryStore(path: path)
        var expected: [String: Int64] = [:]
        var line = 0
        for round in 1...150 {
            switch Int.random(in: 0..<6, using: &random) {
            case 0...2:
                let events = (0..<Int.random(in: 1...60, using: &random)).map { offset in
                    Samples.event(
                        line + offset, status: [.degraded, .stall].randomElement(using: &random)!,
                        source: ["a", "b"].randomElement(using: &random)!)
                }
                line += events.count
                try store.commit(Samples.batch(events))
                for event in events {
                    expected["\(event.source) overhead \(event.status.rawValue)", default: 0] += 1
                }
            case 3:
                let kept = Int64.random(in: 1...200, using: &random)
                let upkeep = try RetentionUpkeep(store, limits(events: kept), sinks: []) { _ in }
                _ = try upkeep.step()
            case 4:
                let kept = Int64.random(in: 1...200, using: &random)
                _ = try RetentionRun(path: path).prune(limits(events: kept))
            default:
                let old = path
                path = folder("\(round).sqlite")
                for suffix in ["", "-wal"] {
                    try FileManager.default.copyItem(atPath: old + suffix, toPath: path + suffix)
                }
                store = try TelemetryStore(path: path)
            }
            #expect(try counts(path) == expected)
        }
    }

    @Test(arguments: 1...Schema.version)
    func `a database of each version keeps what it counted`(version: Int) throws {
        let path = folder("t.sqlite")
        let dump = try SchemaTests.dump(version)
        try DatabaseQueue(path: path).writeWithoutTransaction { db in try db.execute(sql: dump) }
        var expected = try counts(path)
        #expect(expected.values.reduce(0, +) == (version < 3 ? 2 : 3))
        let store = try TelemetryStore(path: path)
        #expect(try counts(path) == expected)
        try store.commit(Samples.batch([Samples.event(3)]))
        expected["headroom-proxy overhead degraded", default: 0] += 1
        #expect(try counts(path) == expected)
        try store.positions.move("unix", to: 4)
        _ = try RetentionRun(path: path).prune(limits(events: 1))
        #expect(try counts(path) == expected)
        #expect(try TelemetryReader(path: path).bounds().oldest == (version < 3 ? 3 : 4))
    }
}
