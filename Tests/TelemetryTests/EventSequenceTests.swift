import GRDB
import LogTail
import TestSupport
import Testing

@testable import Telemetry

/// Numbers of events follow each other, are never given out twice, and cost a commit no page.
@Suite struct EventSequenceTests {
    private let path: String
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        path = folder("t.sqlite")
    }

    private func record(_ numbers: Range<Int>, in store: TelemetryStore) throws {
        try store.commit(Samples.batch(numbers.map { Samples.event($0) }))
    }

    private func numbers() throws -> [Int64] {
        try TelemetryReader(path: path).events(after: 0, limit: 10_000).map(\.seq)
    }

    private func change(_ sql: String) throws {
        let other = try DatabaseQueue(path: path)
        try other.writeWithoutTransaction { db in try db.execute(sql: sql) }
        try other.close()
    }

    private func prune() throws {
        try change("UPDATE events SET recorded_at = '2020'")
        let limits = RetentionLimits(days: 1, events: 0, mebibytes: 0)
        _ = try RetentionRun(path: path).prune(limits)
    }

    @Test(arguments: [0, 1, 1_023, 1_024, 1_025, 3_000])
    func `they go on after a restart where they stopped`(count: Int) throws {
        var store = try TelemetryStore(path: path)
        if count > 0 { try record(0..<count, in: store) }
        try store.close()
        store = try TelemetryStore(path: path)
        try record(count..<count + 2, in: store)
        #expect(try numbers() == Array(1...Int64(count + 2)))
        #expect(try store.bounds() == EventBounds(oldest: 1, latest: Int64(count + 2)))
    }

    @Test func `rows that were pruned keep theirs`() throws {
        var store = try TelemetryStore(path: path)
        try record(0..<5, in: store)
        try prune()
        #expect(try store.bounds() == EventBounds(oldest: nil, latest: 5))
        try record(5..<6, in: store)
        #expect(try numbers() == [6])
        try prune()
        try store.close()
        #expect(try TelemetryReader(path: path).bounds() == EventBounds(oldest: nil, latest: 6))
        store = try TelemetryStore(path: path)
        try record(6..<7, in: store)
        #expect(try numbers() == [7])
    }

    @Test(arguments: [
        "DELETE FROM events", "DELETE FROM events WHERE seq IN (5, 3)",
        "DELETE FROM events WHERE seq = 5; DELETE FROM events WHERE seq = 4",
    ])
    func `rows that somebody deleted keep theirs`(deletion: String) throws {
        var store = try TelemetryStore(path: path)
        try record(0..<5, in: store)
        try change(deletion)
        #expect(try store.bounds().latest == 5)
        try record(5..<6, in: store)
        try change("DELETE FROM events WHERE seq = 6")
        try store.close()
        store = try TelemetryStore(path: path)
        try record(6..<7, in: store)
        #expect(try numbers().last == 7)
    }

    @Test func `a commit that fails uses none up`() throws {
        let store = try TelemetryStore(path: path)
        try record(0..<2, in: store)
        try change(
            """
            INSERT INTO events SELECT 3, 'mine', ts, source, event, kind, status, duration_ms,
              detail, recorded_at FROM events WHERE seq = 1
            """)
        #expect(throws: RecorderError.self) { try record(2..<4, in: store) }
        try record(2..<4, in: store)
        #expect(try numbers() == [1, 2, 3, 4, 5])
    }

    @Test func `where none is left, that is said`() throws {
        let store = try TelemetryStore(path: path)
        try record(0..<1, in: store)
        try change("UPDATE events SET seq = \(Int64.max)")
        try store.close()
        let error = #expect(throws: RecorderError.self) {
            try record(1..<2, in: TelemetryStore(path: path))
        }
        #expect(error?.description.contains("no number is left") == true)
    }

    @Test func `SQLite takes all that were given out for used`() throws {
        let store = try TelemetryStore(path: path)
        for count in stride(from: 0, to: 3_000, by: 100) {
            try record(count..<count + 100, in: store)
            let noted = try store.connection.database.read { db in
                try Int64.fetchOne(
                    db, sql: "SELECT seq FROM sqlite_sequence WHERE name = 'events'")
            }
            #expect(try #require(noted) >= Int64(count + 100))
        }
    }

    @Test func `a breach writes four pages`() throws {
        let store = try TelemetryStore(path: path)
        let reader = try TelemetryReader(path: path)
        var sizes: [Int64] = []
        for number in 0..<4 {
            var batch = Samples.batch([Samples.event(number)])
            batch.latency = [Samples.stored([Double(number)])]
            batch.checkpoints = [Samples.checkpoint(offset: Int64(number))]
            try store.commit(batch)
            sizes.append(reader.fileBytes.writeAheadLog)
        }
        // Those of its row, its key, its minute and its position, each with 24 bytes before it.
        #expect(sizes[3] - sizes[2] == 4 * (4_096 + 24))
    }
}
