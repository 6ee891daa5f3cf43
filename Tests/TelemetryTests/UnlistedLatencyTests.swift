import Foundation
import GRDB
import LogTail
import Observers
import TestSupport
import Testing

@testable import Telemetry

/// Rows of latency are listed in the index by time after their commit, and retention sees all of
/// them all the same.
@Suite struct UnlistedLatencyTests {
    private let folder: TemporaryFolder
    private let store: TelemetryStore

    init() throws {
        folder = try TemporaryFolder()
        store = try TelemetryStore(path: folder("t.sqlite"))
    }

    private func commit(
        _ latencies: [Double] = [1], minutes: Range<Int64>, events: Range<Int> = 0..<0
    ) throws {
        var batch = Samples.batch(events.map { Samples.event($0) })
        batch.latency = minutes.map { Samples.cell(latencies, minute: $0) }
        try store.commit(batch)
    }

    private func number(_ sql: String) throws -> Int64? {
        try store.connection.database.read { db in try Int64.fetchOne(db, sql: sql) }
    }

    private var unlisted: Int64? {
        get throws { try number("SELECT count(*) FROM latency WHERE NOT listed") }
    }

    private func step() throws {
        let limits = RetentionLimits(days: 0, events: 0, mebibytes: 0)
        _ = try RetentionUpkeep(store, limits, sinks: []) { _ in }.step()
    }

    @Test func `a row is listed with the next step, as it is, and unlisted when written`() throws {
        try commit(minutes: 0..<2)
        #expect(try unlisted == 2)
        let time = "SELECT recorded_at FROM latency"
        let before = try store.connection.database.read { db in try String.fetchAll(db, sql: time) }
        try step()
        #expect(try unlisted == 0)
        #expect(
            try store.connection.database.read { db in try String.fetchAll(db, sql: time) }
                == before)
        try commit([1, 2], minutes: 1..<2)
        #expect(try unlisted == 1)
        #expect(try number("SELECT sum(count) FROM latency") == 3)
    }

    @Test func `the many rows of a backlog's batch are listed at once`() throws {
        try commit(minutes: 0..<3)
        try commit(minutes: 0..<500)
        #expect(try unlisted == 0)
        #expect(try number("SELECT count(*) FROM latency WHERE listed") == 500)
    }

    @Test func `a cell whose row was pruned gets a new one with all that it counted`() throws {
        let ledger = [Samples.stored([1, 2, 3])]
        var batch = Batch()
        batch.latency = ledger
        for _ in 0..<2 {
            try store.commit(batch)
            #expect(try number("SELECT sum(count) FROM latency") == 3)
            try store.connection.database.writeWithoutTransaction { db in
                try db.execute(sql: "UPDATE latency SET recorded_at = '2020'")
            }
            _ = try RetentionRun(path: store.path)
                .prune(RetentionLimits(days: 1, events: 0, mebibytes: 0))
            #expect(try number("SELECT count(*) FROM latency") == 0)
        }
    }

    @Test(arguments: [
        RetentionLimits(days: 1, events: 0, mebibytes: 0),
        RetentionLimits(days: 0, events: 0, mebibytes: 0.2),
    ])
    func `rows that a crash left unlisted are pruned`(limits: RetentionLimits) throws {
        for minute in 0..<Int64(100) {
            try commit((0..<200).map { pow(1.05, Double($0)) }, minutes: minute..<minute + 1)
        }
        try store.connection.database.writeWithoutTransaction { db in
            try db.execute(sql: "UPDATE latency SET recorded_at = '2020'")
        }
        #expect(try unlisted == 100)
        let copy = folder("copy.sqlite")
        for suffix in ["", "-wal"] {
            try FileManager.default.copyItem(atPath: store.path + suffix, toPath: copy + suffix)
        }
        let preview = try RetentionRun(path: copy).preview(limits)
        let outcome = try RetentionRun(path: copy).prune(limits)
        if limits.days > 0 { #expect(preview == outcome) }
        #expect(outcome.latency > 50)
        #expect(try TelemetryReader(path: copy).retention().latencyPruned == outcome.latency)
    }

    /// Pages that commits append to the write-ahead log, with one event and the six stages of a
    /// minute in each.
    @Test func `a breach in a minute that is being filled writes no index of latency`() throws {
        var batch = Batch()
        batch.latency = (0..<6).map { Samples.stored([5], stage: "stage \($0)") }
        try store.commit(batch)
        let reader = try TelemetryReader(path: store.path)
        let before = reader.fileBytes.writeAheadLog
        for line in 0..<10 {
            batch.events = [Samples.event(line)]
            try store.commit(batch)
        }
        // The event, its key, its number, the stages: a page each.
        #expect((reader.fileBytes.writeAheadLog - before) / (4_096 + 24) <= 10 * 4)
    }

    @Test func `what finds and writes rows goes by the partial indexes`() throws {
        func plan(_ sql: String) throws -> [String] {
            try store.connection.database.read { db in
                try Row.fetchAll(
                    db, sql: "EXPLAIN QUERY PLAN " + sql,
                    arguments: StatementArguments(
                        repeatElement(1, count: sql.count { $0 == "?" }))
                ).map { $0["detail"] }
            }
        }
        let index = "SCAN latency USING COVERING INDEX latency_by_recorded_at"
        #expect(try plan(RetentionSteps.oldestLatency) == [index])
        let removal = try plan(RetentionSteps.latencyRemoval)
        #expect(removal.first?.contains("SEARCH latency USING PRIMARY KEY") == true)
        #expect(removal.contains(index))
        #expect(
            try plan(RetentionSteps.listing) == ["SCAN latency USING INDEX latency_unlisted"])
    }

    @Test func `a database of the second version is asked without these indexes`() throws {
        let path = folder("old.sqlite")
        let dump = try SchemaTests.dump(2)
        try DatabaseQueue(path: path).writeWithoutTransaction { db in
            try db.execute(sql: dump)
            try db.execute(sql: "UPDATE retention SET latency_pruned = 1")
        }
        var query = LatencyQuery()
        query.since = Samples.start.advanced(byMilliseconds: -60_000)
        #expect(try TelemetryReader(path: path).atOneMoment { try $0.isPruned(query) })
    }
}
