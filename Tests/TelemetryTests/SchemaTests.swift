import Checkpoint
import Foundation
import GRDB
import LogTail
import Observers
import TestSupport
import Testing

@testable import Telemetry

@Suite struct SchemaTests {
    /// Tables and columns as the contract lists them: name, type, NOT NULL, place in the key.
    static let contract: [(table: String, columns: [String])] = [
        (
            "events",
            [
                "seq INTEGER 0 1", "key TEXT 1 0", "ts TEXT 1 0", "source TEXT 1 0",
                "event TEXT 1 0", "kind TEXT 1 0", "status TEXT 1 0", "duration_ms REAL 0 0",
                "detail TEXT 1 0", "recorded_at TEXT 1 0",
            ]
        ),
        (
            "latency",
            [
                "source TEXT 1 1", "stage TEXT 1 2", "minute TEXT 1 3", "count INTEGER 1 0",
                "sum_ms REAL 1 0", "min_ms REAL 1 0", "max_ms REAL 1 0", "degraded INTEGER 1 0",
                "stalled INTEGER 1 0", "buckets TEXT 1 0", "recorded_at TEXT 1 0",
                "listed INTEGER 1 0",  // Not for users, so not in the contract.
            ]
        ),
        (
            "checkpoints",
            [
                "source TEXT 1 1", "path TEXT 1 2", "device INTEGER 1 0", "inode INTEGER 1 0",
                "offset INTEGER 1 0", "fingerprint TEXT 1 0", "episode TEXT 0 0",
                "bytes_read INTEGER 1 0", "lines_matched INTEGER 1 0",
                "lines_unparsed INTEGER 1 0", "updated_at TEXT 1 0",
            ]
        ),
        ("bus_positions", ["sink TEXT 0 1", "seq INTEGER 1 0", "updated_at TEXT 1 0"]),
    ]

    /// Tables that the contract does not list, for `status` and retention.
    static let further: [(table: String, columns: [String])] = [
        (
            "event_tallies",
            ["source TEXT 1 1", "kind TEXT 1 2", "status TEXT 1 3", "count INTEGER 1 0"]
        ),
        (
            "retention",
            [
                "id INTEGER 0 1", "keep_days REAL 0 0", "keep_events INTEGER 0 0",
                "keep_mib REAL 0 0", "events_pruned INTEGER 1 0",
                "undelivered_pruned INTEGER 1 0", "latency_pruned INTEGER 1 0",
                "pruned_at TEXT 0 0", "undelivered_at TEXT 0 0", "events_tallied INTEGER 1 0",
                "last_deleted INTEGER 1 0",
            ]
        ),
    ]

    @Test func `the tables are those of the contract`() throws {
        let folder = try TemporaryFolder()
        let store = try TelemetryStore(path: folder("t.sqlite"))
        try store.connection.database.read { db in
            for (table, columns) in Self.contract + Self.further {
                let found = try Row.fetchAll(db, sql: "PRAGMA table_info(\(table))").map { row in
                    let name: String = row["name"]
                    let type: String = row["type"]
                    return "\(name) \(type) \(row["notnull"] as Int) \(row["pk"] as Int)"
                }
                #expect(found == columns, "\(table)")
            }
        }
        let tables = try store.connection.database.read { db in
            try String.fetchSet(db, sql: "SELECT name FROM sqlite_master WHERE type = 'table'")
        }
        #expect(tables == Set((Self.contract + Self.further).map(\.table) + ["sqlite_sequence"]))
    }

    @Test func `the hourly view adds up what the minutes of an hour hold`() throws {
        let folder = try TemporaryFolder()
        let store = try TelemetryStore(path: folder("t.sqlite"))
        var batch = Batch()
        batch.latency = [
            Samples.cell([100, 600], minute: 0), Samples.cell([2_000], minute: 4),
            Samples.cell([300], minute: 5), Samples.cell([9_000], stage: "deep_copy"),
        ]
        try store.commit(batch)
        let rows = try store.connection.database.read { db in
            try Row.fetchAll(db, sql: "SELECT * FROM overhead_hourly ORDER BY hour").map { row in
                [
                    row["source"] as String, row["hour"], String(row["count"] as Int),
                    String(row["degraded"] as Int), String(row["stalled"] as Int),
                    String(row["mean_ms"] as Double), String(row["max_ms"] as Double),
                ]
            }
        }
        #expect(
            rows == [
                ["headroom-proxy", "2026-06-13T08:00Z", "3", "1", "1", "900.0", "2000.0"],
                ["headroom-proxy", "2026-06-13T09:00Z", "1", "0", "0", "300.0", "300.0"],
            ])
    }

    @Test func `a new database carries its marks and settings`() throws {
        let folder = try TemporaryFolder()
        let store = try TelemetryStore(path: folder("t.sqlite"))
        let names = [
            "application_id", "user_version", "auto_vacuum", "journal_mode", "journal_size_limit",
        ]
        let settings = try store.connection.database.read { db in
            try names.map { try String.fetchOne(db, sql: "PRAGMA \($0)") }
        }
        #expect(settings == ["\(0x4C67_546C)", "4", "2", "wal", "\(4 << 20)"])
    }

    @Test func `what a reader needs to decode the buckets stands in the schema`() throws {
        let folder = try TemporaryFolder()
        let store = try TelemetryStore(path: folder("t.sqlite"))
        let sql = try store.connection.database.read { db in
            try String.fetchOne(db, sql: "SELECT sql FROM sqlite_master WHERE name = 'latency'")
        }
        #expect(sql?.contains("low(b) = 2^e * (1 + m / 64.0)") == true)
    }

    @Test func `episodes are found without reading breaches`() throws {
        let folder = try TemporaryFolder()
        let store = try TelemetryStore(path: folder("t.sqlite"))
        var query = EventQuery()
        query.kinds = ["stall_episode"]
        let condition = try #require(query.conditions.first)
        let plan = try store.connection.database.read { db in
            try Row.fetchAll(
                db,
                sql: "EXPLAIN QUERY PLAN SELECT seq FROM events WHERE \(condition.sql) "
                    + "AND seq > 7 ORDER BY seq DESC LIMIT 5",
                arguments: StatementArguments(condition.arguments)
            ).map { $0["detail"] as String }
        }
        #expect(
            plan == ["SEARCH events USING COVERING INDEX events_by_kind (kind=? AND rowid>?)"])
    }

    /// The text of a dump of a version, made when it was released and kept for ever.
    static func dump(_ version: Int) throws -> String {
        let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent()
        return try String(
            contentsOf: tests.appendingPathComponent(
                "GoldenFixtures/schema/version-\(version).sql"),
            encoding: .utf8)
    }

    @Test func `a database of the first version is opened, read and written`() throws {
        let folder = try TemporaryFolder()
        let dump = try Self.dump(1)
        try DatabaseQueue(path: folder("t.sqlite")).writeWithoutTransaction { db in
            try db.execute(sql: dump)
        }
        let store = try TelemetryStore(path: folder("t.sqlite"))
        let reader = try TelemetryReader(path: folder("t.sqlite"))
        let before = try reader.events(after: 0, limit: 10)
        #expect(before.map(\.kind) == ["overhead", "stall_episode"])
        #expect(before.map(\.stage) == ["deep_copy", nil])
        let backlogs = try reader.busPositions().map(\.backlog)
        #expect(backlogs == [1])
        let record = try store.checkpoint(source: "headroom-proxy", path: "/var/log/proxy.log")
        #expect(record?.position.identity.device == .max)
        let cell = try store.latencyCell(
            source: "headroom-proxy", stage: "total", minute: Samples.start.unixMinute)
        #expect(cell == Samples.cell([0.25, 612.5, 2_000]))
        try store.commit(Samples.batch([Samples.event(3)]))
        let after = try reader.events(after: 2, limit: 10).map(\.seq)
        #expect(after == [3])
    }

    @Test(arguments: 1...Schema.version)
    func `what a released version says is never edited`(version: Int) throws {
        let folder = try TemporaryFolder()
        let dump = try Self.dump(version)
        let old = try DatabaseQueue(path: folder("old.sqlite"))
        try old.writeWithoutTransaction { db in try db.execute(sql: dump) }
        let new = try DatabaseQueue(path: folder("new.sqlite"))
        try new.writeWithoutTransaction { db in
            for migration in Schema.migrations.prefix(version) { try db.execute(sql: migration) }
        }
        let sql = "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name"
        let statements = try old.read { db in try String.fetchAll(db, sql: sql) }
        let written = try new.read { db in try String.fetchAll(db, sql: sql) }
        #expect(written == statements)
    }
}
