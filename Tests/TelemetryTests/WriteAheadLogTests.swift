import GRDB
import Synchronization
import TestSupport
import Testing

@testable import Telemetry

@Suite struct WriteAheadLogTests {
    @Test func `who waits for a row does not wait for the log to be folded back`() throws {
        let folder = try TemporaryFolder()
        let store = try TelemetryStore(path: folder("t.sqlite"))
        // A log of 64 KiB at the most.
        _ = try RetentionUpkeep(
            store, RetentionLimits(days: 0, events: 0, mebibytes: 0.5), sinks: []
        ) { _ in }
        let file = store.path
        let folded = Mutex<Int64?>(nil)
        store.fresh.onCommit { folded.withLock { $0 = try? Self.newestInFile(file) } }
        var folds = 0
        var before = try Self.newestInFile(file)
        for seq in 1...100 as ClosedRange<Int64> {
            try store.commit(Samples.batch([Samples.event(Int(seq))]))
            #expect(folded.withLock { $0 } == before)
            let now = try Self.newestInFile(file)
            guard now > before else { continue }
            // All of the log that is too long, in the commit that made it so.
            #expect(now == seq)
            before = now
            folds += 1
        }
        #expect(folds > 5)
    }

    @Test func `the log stays short though nothing but rows is written`() throws {
        let folder = try TemporaryFolder()
        let store = try TelemetryStore(path: folder("t.sqlite"))
        let reader = try TelemetryReader(path: store.path)
        for batch in 0..<300 {
            try store.commit(
                Samples.batch((0..<100).map { Samples.event(batch * 100 + $0) }))
        }
        // SQLite's thousand pages, and the commit that passes them.
        #expect(reader.fileBytes.writeAheadLog < 6 << 20)
        #expect(reader.fileBytes.database > 6 << 20)
    }

    @Test func `the log stays short though nothing but a sink's position moves`() throws {
        let folder = try TemporaryFolder()
        let store = try TelemetryStore(path: folder("t.sqlite"))
        _ = try RetentionUpkeep(
            store, RetentionLimits(days: 0, events: 0, mebibytes: 0.5), sinks: []
        ) { _ in }
        for seq in 1...500 as ClosedRange<Int64> { try store.positions.move("unix", to: seq) }
        // 64 KiB, and what passes them.
        #expect(try TelemetryReader(path: store.path).fileBytes.writeAheadLog < 128 << 10)
    }

    @Test func `a reader on an old view keeps the log, which is folded back after it`() throws {
        let folder = try TemporaryFolder()
        let store = try TelemetryStore(path: folder("t.sqlite"))
        _ = try RetentionUpkeep(
            store, RetentionLimits(days: 0, events: 0, mebibytes: 0.5), sinks: []
        ) { _ in }
        try store.commit(Samples.batch([Samples.event(0)]))
        try DatabaseQueue(path: store.path).read { db in
            _ = try Int.fetchOne(db, sql: "SELECT count(*) FROM events")
            for line in 1...50 { try store.commit(Samples.batch([Samples.event(line)])) }
            #expect(try Self.newestInFile(store.path) <= 1)
        }
        try store.commit(Samples.batch([Samples.event(51)]))
        #expect(try Self.newestInFile(store.path) == 52)
    }

    /// The newest row in the database file, without what lies in the log only.
    private static func newestInFile(_ file: String) throws -> Int64 {
        try Connection.immutable(file).read { db in
            guard try db.tableExists("events") else { return 0 }
            return try Int64.fetchOne(db, sql: "SELECT max(seq) FROM events") ?? 0
        }
    }
}
