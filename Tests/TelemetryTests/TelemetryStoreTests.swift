import Checkpoint
import Foundation
import GRDB
import LogTail
import Observers
import TestSupport
import Testing

@testable import Telemetry

@Suite struct TelemetryStoreTests {
    @Test func `a batch reads back as it was written`() throws {
        let folder = try TemporaryFolder()
        let store = try TelemetryStore(path: folder("t.sqlite"))
        var batch = Samples.batch([Samples.event(1), Samples.event(2, duration: nil)])
        batch.latency = [Samples.cell([0.25, 612.5, 2_000])]
        batch.checkpoints = [Samples.checkpoint(offset: 4_711)]
        try store.commit(batch)

        let rows = try TelemetryReader(path: store.path).events(after: 0, limit: 10)
        #expect(rows.map(\.seq) == [1, 2])
        #expect(rows[0].timestamp == "2026-06-13T08:55:00.000Z")
        #expect(rows[0].key == batch.events[0].seed.key(ordinal: 0))
        #expect(rows[0].stage == "deep_copy")
        #expect(rows[0].durationMilliseconds == 612.5)
        #expect(rows[1].durationMilliseconds == nil)

        let cell = try store.latencyCell(
            source: "headroom-proxy", stage: "total", minute: Samples.start.unixMinute)
        #expect(cell == batch.latency[0])
        let record = try #require(
            try store.checkpoint(source: "headroom-proxy", path: "/var/log/proxy.log"))
        #expect(record.path == "/var/log/proxy.log")
        #expect(record.position == batch.checkpoints[0].position)
        #expect(record.state == batch.checkpoints[0].state)
        #expect(record.bytesRead == 4_711)
        #expect([record.linesMatched, record.linesUnparsed] == [3, 1])
    }

    @Test func `later contents of a cell and a checkpoint take the place of earlier ones`() throws {
        let folder = try TemporaryFolder()
        let store = try TelemetryStore(path: folder("t.sqlite"))
        for offset in [10, 20] as [Int64] {
            var batch = Batch()
            batch.latency = [Samples.cell([Double](repeating: 5, count: Int(offset)))]
            batch.checkpoints = [Samples.checkpoint(offset: offset)]
            try store.commit(batch)
        }
        let cell = try store.latencyCell(
            source: "headroom-proxy", stage: "total", minute: Samples.start.unixMinute)
        #expect(cell?.count == 20)
        let record = try store.checkpoint(source: "headroom-proxy", path: "/var/log/proxy.log")
        #expect(record?.position.offset == 20)
        #expect(try TelemetryReader(path: store.path).checkpoints().count == 1)
    }

    @Test func `what is not there is nil`() throws {
        let folder = try TemporaryFolder()
        let store = try TelemetryStore(path: folder("t.sqlite"))
        #expect(try store.checkpoint(source: "a", path: "b") == nil)
        #expect(try store.latencyCell(source: "a", stage: "b", minute: 0) == nil)
        #expect(try store.stageNames(source: "a").isEmpty)
        #expect(try store.positions.position(of: "unix") == nil)
    }

    @Test func `stage names are those of the source, each once`() throws {
        let folder = try TemporaryFolder()
        let store = try TelemetryStore(path: folder("t.sqlite"))
        var batch = Batch()
        for minute in 0..<5 as Range<Int64> {
            for stage in ["total", "deep_copy", "memory_context"] {
                batch.latency.append(Samples.cell([1], stage: stage, minute: minute))
            }
        }
        batch.latency.append(LatencyCell(source: "nginx", stage: "upstream", minute: 0))
        batch.latency[batch.latency.count - 1].record(1, Thresholds(degraded: 5, stall: 9))
        try store.commit(batch)
        #expect(
            try store.stageNames(source: "headroom-proxy")
                == ["deep_copy", "memory_context", "total"])
    }

    @Test func `a sum that hostile latencies made meaningless does not stop the commit`() throws {
        let folder = try TemporaryFolder()
        let store = try TelemetryStore(path: folder("t.sqlite"))
        var batch = Batch()
        batch.latency = [
            Samples.cell([1e308, 1e308, -1e308, -1e308, -1e308]),
            Samples.cell([1e308, 1e308], stage: "a"),
        ]
        try store.commit(batch)
        let cell = try store.latencyCell(
            source: "headroom-proxy", stage: "a", minute: Samples.start.unixMinute)
        #expect(cell?.sum == Double.greatestFiniteMagnitude)
    }

    @Test func `a commit that fails half-way leaves nothing, and the next one succeeds`() throws {
        let folder = try TemporaryFolder()
        let store = try TelemetryStore(path: folder("t.sqlite"))
        try store.commit(Samples.batch([Samples.event(1)]))
        // The checkpoint is written last; the trigger makes it fail when all else is done.
        let outside = try DatabaseQueue(path: store.path)
        try outside.write { db in
            try db.execute(
                sql: """
                    CREATE TRIGGER refuse BEFORE INSERT ON checkpoints
                    BEGIN SELECT RAISE(ABORT, 'refused'); END
                    """)
        }
        var batch = Samples.batch([Samples.event(2), Samples.event(1)])
        batch.latency = [Samples.cell([7])]
        batch.checkpoints = [Samples.checkpoint(offset: 1)]
        let error = #expect(throws: RecorderError.self) { try store.commit(batch) }
        #expect(error?.description.contains("refused") == true)

        let reader = try TelemetryReader(path: store.path)
        #expect(try reader.bounds() == EventBounds(oldest: 1, latest: 1))
        #expect(try store.stageNames(source: "headroom-proxy").isEmpty)
        #expect(try reader.checkpoints().isEmpty)

        try outside.write { db in try db.execute(sql: "DROP TRIGGER refuse") }
        try store.commit(batch)
        #expect(try reader.events(after: 0, limit: 9).map(\.seq) == [1, 2, 3])
        #expect(try reader.checkpoints().count == 1)
    }

    @Test func `a full disk fails the commit, and room on it makes the next one succeed`() throws {
        let folder = try TemporaryFolder()
        let store = try TelemetryStore(path: folder("t.sqlite"))
        try store.commit(Samples.batch([Samples.event(1)]))
        try store.connection.database.writeWithoutTransaction { db in
            try db.execute(sql: "PRAGMA max_page_count = 20")
        }
        let batch = Samples.batch((2..<2_000).map { Samples.event($0) })
        let error = #expect(throws: RecorderError.self) { try store.commit(batch) }
        #expect(error?.description.contains("full") == true)
        let reader = try TelemetryReader(path: store.path)
        #expect(try reader.bounds().latest == 1)

        try store.connection.database.writeWithoutTransaction { db in
            try db.execute(sql: "PRAGMA max_page_count = 1000000")
        }
        try store.commit(batch)
        #expect(try reader.bounds().latest == 1_999)
    }

    @Test func `the same line again takes the next ordinal, without a gap in seq`() throws {
        let folder = try TemporaryFolder()
        let store = try TelemetryStore(path: folder("t.sqlite"))
        let count = 1_000
        try store.commit(Samples.batch([Samples.event(7)]))
        try store.commit(
            Samples.batch([Samples.event(8)] + (1..<count).map { _ in Samples.event(7) }))
        let rows = try TelemetryReader(path: store.path).events(after: 0, limit: 2 * count)
        #expect(rows.map(\.seq) == Array(1...Int64(count + 1)))
        let seed = Samples.event(7).seed
        let keys = (0..<count).map { seed.key(ordinal: $0) }
        #expect(rows.map(\.key) == [keys[0], Samples.event(8).seed.key(ordinal: 0)] + keys[1...])
    }

    @Test func `events are waited for until they are on the disk, positions are not`() throws {
        let folder = try TemporaryFolder()
        let store = try TelemetryStore(path: folder("t.sqlite"))
        func synchronous() throws -> Int? {
            try store.connection.database.read { db in
                try Int.fetchOne(db, sql: "PRAGMA synchronous")
            }
        }
        let (normal, full) = (1, 2)
        var positions = Batch()
        positions.checkpoints = [Samples.checkpoint(offset: 1)]
        try store.commit(Samples.batch([Samples.event(1)]))
        #expect(try synchronous() == full)
        try store.commit(positions)
        #expect(try synchronous() == normal)
        try store.commit(Samples.batch([Samples.event(2)]))
        #expect(try synchronous() == full)
        try store.positions.move("unix", to: 2)
        #expect(try synchronous() == normal)
        try store.commit(Samples.batch([Samples.event(3)]))
        #expect(try synchronous() == full)
    }

    @Test func `numbers are never given out twice, even when every row is gone`() throws {
        let folder = try TemporaryFolder()
        let store = try TelemetryStore(path: folder("t.sqlite"))
        let reader = try TelemetryReader(path: store.path)
        #expect(try reader.bounds() == EventBounds(oldest: nil, latest: 0))
        try store.commit(Samples.batch((1...3).map { Samples.event($0) }))
        try DatabaseQueue(path: store.path).write { db in try db.execute(sql: "DELETE FROM events")
        }
        #expect(try reader.bounds() == EventBounds(oldest: nil, latest: 3))
        try store.commit(Samples.batch([Samples.event(4)]))
        #expect(try reader.bounds() == EventBounds(oldest: 4, latest: 4))
    }

    @Test(arguments: [
        (EventBounds(oldest: nil, latest: 0), 0, false),
        (EventBounds(oldest: nil, latest: 3), 0, true),
        (EventBounds(oldest: nil, latest: 3), 3, false),
        (EventBounds(oldest: 1, latest: 3), 0, false),
        (EventBounds(oldest: 1, latest: 3), -7, false),
        (EventBounds(oldest: 5, latest: 9), 3, true),
        (EventBounds(oldest: 5, latest: 9), 4, false),
        (EventBounds(oldest: 5, latest: 9), .max, false),
        (EventBounds(oldest: 5, latest: 9), .min, true),
    ])
    func `rows are missing where the next one asked for was pruned`(
        bounds: EventBounds, after: Int64, isIncomplete: Bool
    ) {
        #expect(bounds.lacks(after: after) == isIncomplete)
    }

    @Test func `a commit of events touches the lock, one of positions does not`() throws {
        let folder = try TemporaryFolder()
        let store = try TelemetryStore(path: folder("t.sqlite"))
        let signal = try TelemetryReader(path: store.path).signalPath
        func age(_ batch: Batch) throws -> TimeInterval {
            let old = Date(timeIntervalSince1970: 1_000_000_000)
            try FileManager.default.setAttributes([.modificationDate: old], ofItemAtPath: signal)
            try store.commit(batch)
            let date = try FileManager.default.attributesOfItem(atPath: signal)[.modificationDate]
            return try #require(date as? Date).timeIntervalSince(old)
        }
        var positions = Batch()
        positions.checkpoints = [Samples.checkpoint(offset: 1)]
        #expect(try age(Samples.batch([Samples.event(1)])) > 1)
        #expect(try age(positions) == 0)
    }

    @Test func `sinks keep their own positions`() throws {
        let folder = try TemporaryFolder()
        let store = try TelemetryStore(path: folder("t.sqlite"))
        try store.commit(Samples.batch((1...5).map { Samples.event($0) }))
        try store.positions.move("unix", to: 2)
        try store.positions.move("file", to: 5)
        try store.positions.move("unix", to: 3)
        #expect(try store.positions.position(of: "unix") == 3)
        let positions = try TelemetryReader(path: store.path).busPositions()
        #expect(positions.map(\.sink) == ["file", "unix"])
        #expect(positions.map(\.backlog) == [0, 2])
    }

    @Test func `another program that reads is not disturbed and does not disturb`() throws {
        let folder = try TemporaryFolder()
        let store = try TelemetryStore(path: folder("t.sqlite"))
        try store.commit(Samples.batch([Samples.event(1)]))
        let outside = try DatabaseQueue(path: store.path)
        let count = "SELECT count(*) FROM events"
        let (before, during) = try outside.read { db in
            let before = try Int.fetchOne(db, sql: count)
            try store.commit(Samples.batch([Samples.event(2)]))
            return (before, try Int.fetchOne(db, sql: count))
        }
        #expect(before == 1)
        #expect(during == 1)
        #expect(try outside.read { db in try Int.fetchOne(db, sql: count) } == 2)
    }

    @Test func `another program that holds the write lock delays, and then fails, a commit`() throws
    {
        let folder = try TemporaryFolder()
        let store = try TelemetryStore(path: folder("t.sqlite"))
        let outside = try DatabaseQueue(path: store.path)
        try outside.inDatabase { db in
            try db.inTransaction(.immediate) {
                let error = #expect(throws: RecorderError.self) {
                    try store.commit(Samples.batch([Samples.event(1)]))
                }
                #expect(error?.description.contains("another program") == true)
                return .rollback
            }
        }
        try store.commit(Samples.batch([Samples.event(1)]))
        #expect(try TelemetryReader(path: store.path).bounds().latest == 1)
    }

    @Test func `another program that holds the write lock does not hold up a position`() throws {
        let folder = try TemporaryFolder()
        let store = try TelemetryStore(path: folder("t.sqlite"))
        let outside = try DatabaseQueue(path: store.path)
        try outside.inDatabase { db in
            try db.inTransaction(.immediate) {
                let began = ContinuousClock.now
                for _ in 0..<10 {
                    let isMoved = try store.positions.tryMove("unix", to: 1)
                    #expect(!isMoved)
                }
                #expect(ContinuousClock.now - began < .seconds(5))
                // Others wait as before.
                let wait = ContinuousClock.now
                #expect(throws: TelemetryError.self) { try store.positions.move("unix", to: 1) }
                #expect(ContinuousClock.now - wait > .milliseconds(500))
                return .rollback
            }
        }
        #expect(try store.positions.tryMove("unix", to: 1))
        #expect(try store.positions.position(of: "unix") == 1)
    }

    @Test func `a closed store refuses, and leaves no write-ahead log behind`() throws {
        let folder = try TemporaryFolder()
        let store = try TelemetryStore(path: folder("t.sqlite"))
        try store.commit(Samples.batch([Samples.event(1)]))
        #expect(DatabaseFile.hasWriteAheadLog(store.path))
        try store.close()
        #expect(!DatabaseFile.hasWriteAheadLog(store.path))
        #expect(throws: RecorderError.self) {
            try store.commit(Samples.batch([Samples.event(2)]))
        }
        let next = try TelemetryStore(path: folder("t.sqlite"))
        try next.commit(Samples.batch([Samples.event(2)]))
        #expect(try TelemetryReader(path: next.path).bounds().latest == 2)
    }
}
