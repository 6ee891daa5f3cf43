import Foundation
import GRDB
import LogTail
import Observers
import Synchronization
import TestSupport
import Testing

@testable import Telemetry

/// Retention on real databases.
@Suite struct RetentionTests {
    private let folder: TemporaryFolder
    private let store: TelemetryStore

    init() throws {
        folder = try TemporaryFolder()
        store = try TelemetryStore(path: folder("t.sqlite"))
    }

    private func limits(
        days: Double = 0, events: Int64 = 0, mebibytes: Double = 0
    ) -> RetentionLimits {
        RetentionLimits(days: days, events: events, mebibytes: mebibytes)
    }

    private func commit(_ lines: Range<Int>, latency: Range<Int64> = 0..<0) throws {
        var batch = Samples.batch(lines.map { Samples.event($0) })
        batch.latency = latency.map { Samples.cell([1, 2, 700, 3_000], minute: $0) }
        try store.commit(batch)
    }

    private func execute(_ sql: String) throws {
        try DatabaseQueue(path: store.path).write { db in try db.execute(sql: sql) }
    }

    private func number(_ sql: String) throws -> Int64? {
        try store.connection.database.read { db in try Int64.fetchOne(db, sql: sql) }
    }

    /// Applies retention as the daemon does, until nothing is left to do.
    private func settle(
        _ limits: RetentionLimits, sinks: [String] = [], warn: @escaping (String) -> Void = { _ in }
    ) throws {
        let upkeep = try RetentionUpkeep(store, limits, sinks: sinks, warn: warn)
        while case .more = try upkeep.step() {}
    }

    private func integrity() throws -> String? {
        try store.connection.database.read { db in
            try String.fetchOne(db, sql: "PRAGMA integrity_check")
        }
    }

    @Test func `rows recorded too long ago go, whatever their event time is`() throws {
        try commit(0..<500, latency: 0..<300)
        let old = Timestamp(nanoseconds: store.wall - 2 * 86_400_000_000_000).text
        try execute("UPDATE events SET recorded_at = '\(old)' WHERE seq <= 321")
        try execute("UPDATE latency SET recorded_at = '\(old)' WHERE minute > '2026-06-13T10'")
        let kept = try number("SELECT count(*) FROM latency WHERE minute <= '2026-06-13T10'")
        try settle(limits(days: 1))
        let reader = try TelemetryReader(path: store.path)
        #expect(try reader.bounds() == EventBounds(oldest: 322, latest: 500))
        #expect(try number("SELECT count(*) FROM latency") == kept)
        let state = try reader.retention()
        #expect(state.eventsPruned == 321)
        #expect(state.latencyPruned == 300 - (kept ?? 0))
        #expect(state.limits == limits(days: 1))
        #expect(state.prunedAt != nil)
        #expect(state.undeliveredAt == nil)
        #expect(try integrity() == "ok")
    }

    @Test func `checkpoints go with the rows where nothing is at their path any more`() throws {
        let present = folder("present.log")
        try Data().write(to: URL(fileURLWithPath: present))
        var batch = Batch()
        batch.checkpoints = [
            Samples.checkpoint(path: present, offset: 1),
            Samples.checkpoint(path: folder("gone.log"), offset: 2),
            Samples.checkpoint(path: folder("gone/folder.log"), offset: 3),
            Samples.checkpoint(path: folder("recent.log"), offset: 4),
        ]
        try store.commit(batch)
        let old = Timestamp(nanoseconds: store.wall - 2 * 86_400_000_000_000).text
        try execute("UPDATE checkpoints SET updated_at = '\(old)' WHERE offset <> 4")
        let kept = "SELECT sum(offset) FROM checkpoints"
        try settle(limits(days: 3))
        #expect(try number(kept) == 10)
        try settle(limits(events: 1))
        #expect(try number(kept) == 10)
        try settle(limits(days: 1))
        #expect(try number(kept) == 5)
        _ = try RetentionRun(path: store.path).prune(limits(days: 1e-9))
        #expect(try number(kept) == 1)
    }

    @Test func `the latest events stay, and numbers go on from where they were`() throws {
        try commit(0..<1_000)
        try settle(limits(events: 10))
        let reader = try TelemetryReader(path: store.path)
        #expect(try reader.bounds() == EventBounds(oldest: 991, latest: 1_000))
        #expect(try reader.bounds().lacks(after: 7))
        try execute("DELETE FROM events")
        try commit(1_000..<1_001)
        #expect(try reader.bounds() == EventBounds(oldest: 1_001, latest: 1_001))
        #expect(try reader.eventCounts().map(\.count) == [1_001])
    }

    @Test func `the file gets shorter`() throws {
        for start in 0..<4 { try commit(start * 4_000..<start * 4_000 + 4_000) }
        let before = try #require(try number("PRAGMA page_count"))
        try settle(limits(events: 10))
        let after = try #require(try number("PRAGMA page_count"))
        #expect(after < before / 2)
        try store.close()
        let outcome = try RetentionRun(path: store.path).prune(limits(events: 5))
        #expect(outcome.events == 5)
        let bytes = try TelemetryReader(path: store.path).fileBytes
        #expect(bytes.database < 100_000)
        #expect(bytes.writeAheadLog == 0)
    }

    @Test func `rows that a sink has not delivered stay until the size limit needs the room`()
        throws
    {
        try commit(0..<3_000)
        try store.positions.move("unix", to: 1_000)
        try store.positions.move("gone", to: 5)
        try execute(
            "UPDATE bus_positions SET updated_at = '2020-01-01T00:00:00.000Z' WHERE sink = 'gone'")
        let reader = try TelemetryReader(path: store.path)
        try settle(limits(days: 1e-9, events: 1))
        #expect(try reader.bounds().oldest == 1_001)
        #expect(try reader.busPositions().map(\.backlog) == [2_000, 2_000])

        let warnings = Mutex<[String]>([])
        try settle(limits(mebibytes: 0.5)) { text in warnings.withLock { $0.append(text) } }
        #expect(try #require(try reader.bounds().oldest) > 1_001)
        let state = try reader.retention()
        #expect(state.undeliveredPruned > 0)
        #expect(state.undeliveredAt != nil)
        #expect(warnings.withLock(\.count) == 1)
    }

    @Test func `a sink in use has rows kept for it however long it has been silent`() throws {
        try commit(0..<100)
        try store.positions.move("unix:/run/bus", to: 40)
        try execute("UPDATE bus_positions SET updated_at = '2020-01-01T00:00:00.000Z'")
        let reader = try TelemetryReader(path: store.path)
        try settle(limits(events: 1), sinks: ["unix:/run/bus"])
        #expect(try reader.bounds().oldest == 41)
        try settle(limits(events: 1))
        #expect(try reader.bounds().oldest == 100)
    }

    @Test func `pruning from outside holds rows for every sink while a daemon runs`() throws {
        try commit(0..<100)
        try store.positions.move("unix:/run/bus", to: 40)
        try execute("UPDATE bus_positions SET updated_at = '2020-01-01T00:00:00.000Z'")
        let beside = try RetentionRun(path: store.path)
        #expect(try beside.preview(limits(events: 1)).events == 40)
        #expect(try beside.prune(limits(events: 1)).events == 40)
        try store.close()
        let alone = try RetentionRun(path: store.path)
        #expect(try alone.preview(limits(events: 1)).events == 59)
        #expect(try alone.prune(limits(events: 1)).events == 59)
    }

    @Test func `a preview says what would go, and nothing does`() throws {
        try commit(0..<1_000, latency: 0..<50)
        try execute("UPDATE latency SET recorded_at = '2020' WHERE minute < '2026-06-13T09:05Z'")
        try store.positions.move("unix", to: 700)
        for limits in [
            limits(days: 1), limits(events: 400), limits(events: 100), limits(days: 1e-9),
            limits(),
        ] {
            let preview = try RetentionRun(path: store.path).preview(limits)
            #expect(try number("SELECT count(*) FROM events") == 1_000)
            let copy = folder(UUID().uuidString)
            try execute("VACUUM INTO '\(copy)'", outsideTransaction: true)
            #expect(try RetentionRun(path: copy).prune(limits) == preview)
        }
        let excess = try RetentionRun(path: store.path).preview(limits(mebibytes: 0.1))
        #expect(excess.excessBytes > 0)
    }

    private func execute(_ sql: String, outsideTransaction: Bool) throws {
        try DatabaseQueue(path: store.path).writeWithoutTransaction { db in
            try db.execute(sql: sql)
        }
    }

    @Test func `pruning from outside goes on beside the daemon, and both count`() throws {
        try commit(0..<3_000)
        let done = Mutex(false)
        let thread = Thread { [path = store.path] in
            #expect(throws: Never.self) {
                try RetentionRun(path: path).prune(
                    RetentionLimits(days: 0, events: 100, mebibytes: 0))
            }
            done.withLock { $0 = true }
        }
        thread.start()
        let upkeep = try RetentionUpkeep(store, limits(events: 100), sinks: []) { _ in }
        var lines = 3_000
        repeat {
            try commit(lines..<lines + 1)
            lines += 1
            _ = try upkeep.step()
        } while !done.withLock(\.self)
        while case .more = try upkeep.step() {}
        let reader = try TelemetryReader(path: store.path)
        #expect(
            try reader.bounds() == EventBounds(oldest: Int64(lines) - 99, latest: Int64(lines)))
        #expect(try reader.retention().eventsPruned == Int64(lines) - 100)
        #expect(try integrity() == "ok")
    }

    @Test func `readers always see rows without gaps, and the file stays sound`() throws {
        try commit(0..<500)
        let stop = Mutex(false)
        let path = store.path
        let seen = Mutex((pages: 0, bad: 0))
        let (started, ended) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        for _ in 0..<2 {
            Thread {
                let reader = try? TelemetryReader(path: path)
                started.signal()
                while !stop.withLock(\.self) {
                    let page = try? reader?.events(after: 0, limit: 200)
                    let numbers = page?.map(\.seq) ?? []
                    let isWhole = zip(numbers, numbers.dropFirst()).allSatisfy { $0 + 1 == $1 }
                    seen.withLock {
                        $0.pages += 1
                        $0.bad += isWhole && !numbers.isEmpty ? 0 : 1
                    }
                }
                ended.signal()
            }.start()
            started.wait()
        }
        let upkeep = try RetentionUpkeep(store, limits(events: 300), sinks: []) { _ in }
        for round in 1...25 {
            try commit(round * 500..<round * 500 + 300, latency: Int64(round)..<Int64(round) + 10)
            while case .more = try upkeep.step() {}
        }
        stop.withLock { $0 = true }
        for _ in 0..<2 { ended.wait() }
        #expect(seen.withLock(\.bad) == 0)
        #expect(seen.withLock(\.pages) > 0)
        #expect(try integrity() == "ok")
    }

    @Test(arguments: [0.0, 2, 512])
    func `a step never has more than a small log to fold back`(mebibytes: Double) throws {
        for start in 0..<4 { try commit(start * 3_000..<start * 3_000 + 3_000) }
        try DatabaseQueue(path: store.path).writeWithoutTransaction { db in
            try db.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE)")
        }
        let upkeep = try RetentionUpkeep(
            store, limits(events: 10, mebibytes: mebibytes), sinks: []
        ) { _ in }
        let reader = try TelemetryReader(path: store.path)
        var longest: Int64 = 0
        while case .more = try upkeep.step() {
            longest = max(longest, reader.fileBytes.writeAheadLog)
        }
        #expect(try reader.bounds().oldest == 11_991)
        // The log begins anew once it is folded back: its length is the most that ever was.
        // Up to 1 MiB, and the step that passes it.
        #expect(longest < 2 << 20, "\(longest) bytes")
    }

    /// What the database and its log take at the most while `commits` come in.
    @Test(arguments: [1.0, 2.0])
    func `the database with its log stays within the limit under traffic`(
        mebibytes: Double
    ) throws {
        let limits = limits(mebibytes: mebibytes)
        let upkeep = try RetentionUpkeep(store, limits, sinks: []) { _ in }
        let reader = try TelemetryReader(path: store.path)
        var most: Int64 = 0
        var line = 0
        for commit in 0..<Int(120 * mebibytes) {
            let minute = Int64(commit) * 2
            try self.commit(line..<line + limits.batchRows, latency: minute..<minute + 10)
            line += limits.batchRows
            steps: while case .more(_, let isUrgent) = try upkeep.step() {
                guard isUrgent else { break steps }
            }
            let bytes = reader.fileBytes
            most = max(most, bytes.database + bytes.writeAheadLog)
        }
        #expect(Double(most) <= mebibytes * 1.25 * 1_048_576)
        // Latency and events share the room.
        #expect(try reader.retention().latencyPruned > 0)
        #expect(try reader.retention().eventsPruned > 0)
        #expect(try number("SELECT count(*) FROM latency") ?? 0 > 10)
        #expect(try integrity() == "ok")
    }

    /// A week of a busy proxy in minutes, with a burst of breaches in every tenth.
    @Test func `in a week of traffic the database stays within its limit, and each look is whole`()
        throws
    {
        let upkeep = try RetentionUpkeep(store, limits(mebibytes: 8), sinks: []) { _ in }
        let reader = try TelemetryReader(path: store.path)
        let cell = Samples.cell((0..<24).map { 100 * pow(1.05, Double($0)) })
        var most: Int64 = 0
        var line = 0
        for minute in 0..<Int64(7 * 1_440) {
            let count = minute.isMultiple(of: 10) ? 35 : 0
            var batch = Samples.batch((line..<line + count).map { Samples.event($0) })
            line += count
            batch.latency = (0..<7).map {
                LatencyCell(
                    source: cell.source, stage: "stage \($0)", minute: cell.minute + minute,
                    count: cell.count, sum: cell.sum, minimum: cell.minimum,
                    maximum: cell.maximum, degraded: cell.degraded, stalled: cell.stalled,
                    sketch: cell.sketch)
            }
            try store.commit(batch)
            // The daemon's turn: a step or two, then it reads on.
            for _ in 0..<2 { guard case .more = try upkeep.step() else { break } }
            let bytes = reader.fileBytes
            most = max(most, bytes.database + bytes.writeAheadLog)
            if minute.isMultiple(of: 60) { try expectWhole(reader) }
        }
        #expect(most <= 10 << 20, "\(most) bytes")
        #expect(most > 6 << 20, "the traffic is too little to test anything: \(most) bytes")
        #expect(try reader.retention().eventsPruned > 0)
        #expect(try reader.retention().latencyPruned > 10_000)
        #expect(try integrity() == "ok")
    }

    /// What one look sees belongs together: rows that were ever recorded are there or counted as
    /// pruned, and so are those of each minute.
    private func expectWhole(_ reader: TelemetryReader) throws {
        let look = try reader.reading { db in
            try Row.fetchOne(
                db,
                sql: """
                    SELECT (SELECT sum(count) FROM event_counts),
                           (SELECT count(*) FROM events) + (SELECT events_pruned FROM retention),
                           (SELECT max(seq) - min(seq) + 1 - count(*) FROM events),
                           (SELECT min(seq) FROM events) - (SELECT events_pruned FROM retention)
                    """)
        }
        let row = try #require(look)
        #expect(row[0] as Int64 == row[1] as Int64)
        #expect(row[2] as Int64 == 0)
        #expect(row[3] as Int64 == 1)
    }

    @Test func `a reader that sits on an old view costs no rows`() throws {
        let limits = limits(mebibytes: 1)
        let upkeep = try RetentionUpkeep(store, limits, sinks: []) { _ in }
        try commit(0..<500)
        try DatabaseQueue(path: store.path).read { db in
            _ = try Int.fetchOne(db, sql: "SELECT count(*) FROM events")
            let reader = try TelemetryReader(path: store.path)
            var commits = 0
            while reader.fileBytes.writeAheadLog <= 2 << 20, commits < 1_000 {
                var batch = Batch()
                batch.latency = (0..<20).map { Samples.cell([1, 2, 3], minute: $0) }
                try store.commit(batch)
                commits += 1
            }
            #expect(reader.fileBytes.writeAheadLog > 2 << 20)
            while case .more = try upkeep.step() {}
        }
        #expect(try TelemetryReader(path: store.path).bounds().oldest == 1)
    }

    @Test func `a page that lost rows while it was asked for says so`() throws {
        try commit(0..<1_500)
        let reader = try TelemetryReader(path: store.path)
        var query = EventQuery()
        query.after = 0
        var pages = try reader.pages(matching: query)
        _ = try pages.next()
        #expect(!pages.isIncomplete)
        try settle(limits(events: 100))
        #expect(try pages.next()?.first?.seq == 1_401)
        #expect(pages.isIncomplete)
    }

    @Test func `a window lacks rows only where some that lie in it may have been pruned`() throws {
        func lacks(since minute: Double, stages: [String] = []) throws -> Bool {
            var query = LatencyQuery()
            query.since = Samples.start.advanced(byMilliseconds: minute * 60_000)
            query.stages = stages
            return try TelemetryReader(path: store.path).atOneMoment { try $0.isPruned(query) }
        }
        var batch = Batch()
        batch.latency = (0..<100).map { Samples.cell([1], minute: $0) }
        batch.latency += (80..<100).map { Samples.cell([1], stage: "deep_copy", minute: $0) }
        try store.commit(batch)
        try execute("UPDATE latency SET recorded_at = replace(minute, 'Z', ':30.000Z')")
        #expect(try !lacks(since: -10))
        let age = store.wall - Samples.start.nanoseconds - 50 * 60_000_000_000
        try settle(limits(days: Double(age) / 86_400e9))
        #expect(try number("SELECT count(*) FROM latency") == 70)
        #expect(try lacks(since: 40))
        #expect(try !lacks(since: 50))
        #expect(try lacks(since: 40, stages: ["deep_copy"]))
        // Nothing of it was logged so early, and what was pruned is older.
        #expect(try !lacks(since: 60, stages: ["deep_copy"]))
        try execute("DELETE FROM latency")
        #expect(try lacks(since: 60))
        try execute("UPDATE retention SET pruned_at = '2026-06-13T09:50:00.000Z'")
        #expect(try lacks(since: 54))
        #expect(try !lacks(since: 56))
    }

    @Test(arguments: 1..<Schema.version)
    func `a look at what an older database would lose leaves it as it is`(version: Int) throws {
        let path = folder("old.sqlite")
        let dump = try SchemaTests.dump(version)
        try DatabaseQueue(path: path).writeWithoutTransaction { db in
            try db.execute(sql: "PRAGMA journal_mode = WAL")
            try db.execute(sql: dump)
        }
        let before = try Data(contentsOf: URL(filePath: path))
        let preview = try RetentionRun(path: path).preview(limits(events: 1))
        #expect(try Data(contentsOf: URL(filePath: path)) == before)
        #expect(try TelemetryReader(path: path).schemaVersion() == version)
        #expect(try RetentionRun(path: path).prune(limits(events: 1)).events == preview.events)
        #expect(try TelemetryReader(path: path).schemaVersion() == Schema.version)
    }

    @Test func `a database of the first version is brought along with its counts`() throws {
        let path = folder("old.sqlite")
        let dump = try SchemaTests.dump(1)
        try DatabaseQueue(path: path).writeWithoutTransaction { db in try db.execute(sql: dump) }
        let expected = ["overhead degraded 1", "stall_episode stall 1"]
        func counts() throws -> [String] {
            try TelemetryReader(path: path).eventCounts().map {
                "\($0.kind) \($0.status) \($0.count)"
            }
        }
        #expect(try counts() == expected)
        #expect(try TelemetryReader(path: path).retention() == RetentionState())
        // It is of the kind that never gives pages back, which must not keep anyone waiting.
        let outcome = try RetentionRun(path: path).prune(limits(events: 1))
        #expect(outcome.events == 1)
        #expect(try counts() == expected)
        #expect(try TelemetryReader(path: path).retention().eventsPruned == 1)
    }
}

extension TelemetryStore {
    /// The wall clock, nanoseconds since the epoch.
    fileprivate var wall: Int64 { Int64(Date().timeIntervalSince1970 * 1e9) }
}
