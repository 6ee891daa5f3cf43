import Foundation
import GRDB
import TestSupport
import Testing

@testable import Telemetry

/// That a header waits for its page is nowhere to be seen.
@Suite struct WholeFramesTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    /// A database whose page cache holds so little that large transactions are written before
    /// they are committed, and the same pages again.
    private func database(_ path: String) throws -> DatabaseQueue {
        let database = try Connection.writer(path)
        try database.writeWithoutTransaction { db in
            try db.execute(
                sql: """
                    PRAGMA journal_mode = WAL;
                    PRAGMA cache_size = 8;
                    PRAGMA wal_autocheckpoint = 40;
                    CREATE TABLE t (k INTEGER PRIMARY KEY, v BLOB NOT NULL);
                    """)
        }
        return database
    }

    private func rows(_ db: Database) throws -> [Int64: Data] {
        let rows = try Row.fetchAll(db, sql: "SELECT k, v FROM t").map { row in
            (row[0] as Int64, row[1] as Data)
        }
        return Dictionary(uniqueKeysWithValues: rows)
    }

    /// Changes rows of a table and of its model alike.
    private func change(
        _ db: Database, _ model: inout [Int64: Data], _ random: inout SeededGenerator
    ) throws {
        let key = Int64.random(in: 0..<200, using: &random)
        if Int.random(in: 0..<4, using: &random) == 0 {
            try db.execute(sql: "DELETE FROM t WHERE k = ?", arguments: [key])
            model[key] = nil
        } else {
            let length = [1, 100, 2_000, 9_000][Int.random(in: 0..<4, using: &random)]
            let value = Data((0..<length).map { _ in UInt8.random(in: 0...255, using: &random) })
            try db.execute(sql: "INSERT OR REPLACE INTO t VALUES (?, ?)", arguments: [key, value])
            model[key] = value
        }
    }

    @Test(arguments: ["OFF", "NORMAL", "FULL"])
    func `another connection, and a crash, find each commit whole`(synchronous: String) throws {
        var random = SeededGenerator()
        let path = folder("t.sqlite")
        let writer = try database(path)
        let reader = try Connection.reader(path)
        let other = try DatabaseQueue(path: path)
        try writer.writeWithoutTransaction { db in
            try db.execute(sql: "PRAGMA synchronous = \(synchronous)")
        }
        var committed: [Int64: Data] = [:]
        for round in 0..<120 {
            var model = committed
            let isKept = Int.random(in: 0..<5, using: &random) > 0
            try writer.writeWithoutTransaction { db in
                try db.inTransaction {
                    for _ in 0..<Int.random(in: 1...60, using: &random) {
                        try change(db, &model, &random)
                    }
                    let seen = try rows(db)
                    #expect(seen == model)
                    return isKept ? .commit : .rollback
                }
            }
            if isKept { committed = model }
            if !isKept {
                // Its pages lie where those that were rolled back would have.
                try other.write { db in try change(db, &committed, &random) }
            }
            let seen = try reader.read(rows)
            #expect(seen == committed)

            guard round % 5 == 0 else { continue }
            let copy = folder("\(round).sqlite")
            for suffix in ["", "-wal"] {
                try FileManager.default.copyItem(atPath: path + suffix, toPath: copy + suffix)
            }
            let crashed = try DatabaseQueue(path: copy)
            let verdict = try crashed.read {
                try String.fetchOne($0, sql: "PRAGMA integrity_check")
            }
            #expect(verdict == "ok")
            let found = try crashed.read(rows)
            #expect(found == committed)
        }
    }

    @Test(arguments: [512, 65_536])
    func `pages of any size are written`(pageBytes: Int) throws {
        let path = folder("t.sqlite")
        let other = try DatabaseQueue(path: path)
        try other.writeWithoutTransaction { db in
            try db.execute(sql: "PRAGMA page_size = \(pageBytes); VACUUM")
        }
        try other.close()
        let writer = try database(path)
        var random = SeededGenerator()
        var model: [Int64: Data] = [:]
        for _ in 0..<20 {
            try writer.write { db in
                for _ in 0..<20 { try change(db, &model, &random) }
            }
            let seen = try Connection.reader(path).read(rows)
            #expect(seen == model)
        }
    }
}
