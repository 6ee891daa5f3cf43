import GRDB
import LogTail
import Observers
import Synchronization
import TestSupport
import Testing

@testable import Telemetry

@Suite struct FreshRowsTests {
    @Test func `a fresh row is the row that the database gives`() throws {
        let folder = try TemporaryFolder()
        let store = try TelemetryStore(path: folder("t.sqlite"))
        let details = [
            ("deep_copy", #"{"stage":"deep_copy"}"#), (nil, #"{"stage":null,"queued_ms":1.5}"#),
            ("a \"b\" \\ é\u{1}", #"{"count":3,"dominant_stage":"a \"b\" \\ é\u0001"}"#),
            (nil, #"{"path":"/x","offset":3}"#),
        ]
        var events = details.enumerated().map { line, one in
            Samples.event(line, duration: nil, stage: one.0, detail: one.1)
        }
        // A key that is taken, and one of each kind.
        events += [Samples.event(0), Samples.event(0, duration: 0.1)]
        events += EventKind.allCases.map { Samples.event(9, kind: $0, status: .info) }
        try store.commit(Samples.batch([Samples.event(0)]))
        try store.commit(Samples.batch(events))
        let reader = try TelemetryReader(path: store.path)
        let live = LiveLog(store.fresh, Unreadable())
        #expect(try live.events(after: 0, limit: 99) == reader.events(after: 0, limit: 99))
        #expect(try live.events(after: 3, limit: 2) == reader.events(after: 3, limit: 2))
        #expect(try live.latest() == reader.latest())
    }

    @Test func `whoever is woken finds the rows on the disk`() throws {
        let folder = try TemporaryFolder()
        let store = try TelemetryStore(path: folder("t.sqlite"))
        let reader = try TelemetryReader(path: store.path)
        let seen = Mutex<[Int64?]>([])
        store.fresh.onCommit { seen.withLock { $0.append(try? reader.bounds().latest) } }
        try store.commit(Samples.batch([Samples.event(1)]))
        var positions = Batch()
        positions.checkpoints = [Samples.checkpoint(offset: 1)]
        try store.commit(positions)
        try store.commit(Samples.batch([Samples.event(2), Samples.event(3)]))
        #expect(seen.withLock { $0 } == [1, 3])
    }

    @Test func `a commit that fails leaves no row and wakes nobody`() throws {
        let folder = try TemporaryFolder()
        let store = try TelemetryStore(path: folder("t.sqlite"))
        let wakes = Mutex(0)
        store.fresh.onCommit { wakes.withLock { $0 += 1 } }
        try store.commit(Samples.batch([Samples.event(1)]))
        let outside = try DatabaseQueue(path: store.path)
        try outside.write { db in
            try db.execute(
                sql: """
                    CREATE TRIGGER refuse BEFORE INSERT ON checkpoints
                    BEGIN SELECT RAISE(ABORT, 'refused'); END
                    """)
        }
        var batch = Samples.batch([Samples.event(2)])
        batch.checkpoints = [Samples.checkpoint(offset: 1)]
        #expect(throws: RecorderError.self) { try store.commit(batch) }
        #expect(store.fresh.latest == 1)
        #expect(wakes.withLock { $0 } == 1)
        try outside.write { db in try db.execute(sql: "DROP TRIGGER refuse") }
        try store.commit(Samples.batch([Samples.event(3)]))
        let reader = try TelemetryReader(path: store.path)
        let live = LiveLog(store.fresh, Unreadable())
        #expect(try live.events(after: 1, limit: 9) == reader.events(after: 1, limit: 9))
        #expect(wakes.withLock { $0 } == 2)
    }

    @Test func `of a batch that is larger than what is kept, its last rows are`() throws {
        let folder = try TemporaryFolder()
        let store = try TelemetryStore(path: folder("t.sqlite"))
        let kept = Int64(FreshRows.limit)
        try store.commit(Samples.batch((1...5).map { Samples.event($0) }))
        try store.commit(Samples.batch((1...Int(2 * kept)).map { Samples.event($0) }))
        #expect(store.fresh.latest == 2 * kept + 5)
        #expect(store.fresh.events(after: kept + 4, limit: 1) == nil)
        #expect(store.fresh.events(after: kept + 5, limit: 1)?.map(\.seq) == [kept + 6])
        #expect(store.fresh.events(after: kept + 5, limit: 999)?.count == FreshRows.limit)
    }

    @Test func `rows are kept while they follow each other and there is room`() {
        let fresh = FreshRows()
        func add(_ range: ClosedRange<Int64>) { fresh.add(range.map { Self.row($0) }) }
        func seqs(_ seq: Int64) -> [Int64]? { fresh.events(after: seq, limit: 999)?.map(\.seq) }
        #expect(fresh.latest == nil)
        #expect(seqs(0) == nil)
        add(3...4)
        add(5...5)
        #expect(seqs(2) == [3, 4, 5])
        #expect([seqs(1), seqs(.min)] == [nil, nil])
        #expect([seqs(5), seqs(9), seqs(.max)] == [[], [], []])
        // Another program took a number.
        add(7...8)
        #expect([seqs(4), seqs(5), seqs(6)] == [nil, nil, [7, 8]])
        let end = 8 + Int64(FreshRows.limit)
        add(9...end - 2)
        #expect(seqs(6)?.count == FreshRows.limit)
        add(end - 1...end)
        #expect(seqs(6) == nil)
        #expect(seqs(end - 2) == [end - 1, end])
        fresh.add([])
        #expect(fresh.latest == end)
    }

    @Test func `rows are kept while they are few bytes, and the last one always`() {
        let fresh = FreshRows()
        func add(_ range: ClosedRange<Int64>, _ bytes: Int) {
            fresh.add(range.map { Self.row($0, detail: String(repeating: "x", count: bytes)) })
        }
        func seqs(_ seq: Int64) -> [Int64]? { fresh.events(after: seq, limit: 999)?.map(\.seq) }
        let half = FreshRows.byteLimit / 2
        add(1...1, half)
        add(2...2, half)
        #expect(seqs(0) == [1, 2])
        add(3...3, 1)
        #expect(seqs(0) == nil)
        #expect(seqs(2) == [3])
        add(4...9, half)
        #expect([seqs(6), seqs(7)] == [nil, [8, 9]])
        add(10...11, 3 * half)
        #expect([seqs(9), seqs(10)] == [nil, [11]])
        add(12...14, 1)
        #expect(seqs(11) == [12, 13, 14])
    }

    private static func row(_ seq: Int64, detail: String = "{}") -> RecordedEvent {
        RecordedEvent(
            Samples.event(Int(seq), detail: detail), seq: seq, key: "\(seq)", recordedAt: "")
    }
}

/// A log that must not be asked.
private struct Unreadable: EventLog {
    func events(after seq: Int64, limit: Int) throws(TelemetryError) -> [RecordedEvent] {
        throw .missing(path: "events after \(seq)")
    }

    func bounds() throws(TelemetryError) -> EventBounds { throw .missing(path: "bounds") }
}
