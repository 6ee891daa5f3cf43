import Foundation
import GRDB
import Testing

@testable import Telemetry

@Suite struct RowStatementTests {
    private static func withTable<Value>(_ body: (Database) throws -> Value) throws -> Value {
        try DatabaseQueue().write { db in
            try db.execute(sql: "CREATE TABLE t (a TEXT, b TEXT NOT NULL, n INTEGER, x REAL)")
            return try body(db)
        }
    }

    private static let insertion = "INSERT INTO t VALUES (?, ?, ?, ?)"

    @Test func `values read back as what they are, whatever was bound before`() throws {
        try Self.withTable { db in
            let long = String(repeating: "é", count: 5_000)
            var statement = try RowStatement(Self.insertion, db)
            let rows: [(String?, String, Int64, Double?)] = [
                ("a", long, .max, 0.1), (nil, "", .min, nil), ("x\u{0}y", "b", 0, -0.0),
                ("", long, 1, 1e308),
            ]
            for (text, other, integer, number) in rows {
                let changed = try statement.execute { values in
                    values.add(text)
                    values.add(other)
                    values.add(integer)
                    values.add(number)
                }
                #expect(changed == 1)
            }
            // GRDB reads a text up to its first NUL.
            let read = try Row.fetchAll(
                db, sql: "SELECT CAST(a AS BLOB), b, n, x FROM t ORDER BY rowid")
            for (row, wanted) in zip(read, rows) {
                #expect(row[0] == wanted.0.map { Data($0.utf8) })
                #expect(row[1] == wanted.1)
                #expect(row[2] == wanted.2)
                #expect(row[3] == wanted.3)
            }
            #expect(read.count == rows.count)
        }
    }

    @Test(arguments: [0, 3, 5])
    func `another number of values than of parameters is refused`(count: Int) throws {
        try Self.withTable { db in
            var statement = try RowStatement(Self.insertion, db)
            for _ in 0..<2 {
                #expect(throws: DatabaseError.self) {
                    try statement.execute { values in
                        for _ in 0..<count { values.add("text") }
                    }
                }
            }
            #expect(try Int.fetchOne(db, sql: "SELECT count(*) FROM t") == 0)
        }
    }

    @Test func `a constraint that is violated is told, and the statement goes on`() throws {
        try Self.withTable { db in
            var statement = try RowStatement(Self.insertion, db)
            func insert(_ text: String?) throws {
                try statement.execute { values in
                    for _ in 0..<4 { values.add(text) }
                }
            }
            let error = #expect(throws: DatabaseError.self) { try insert(nil) }
            #expect(error?.resultCode == .SQLITE_CONSTRAINT)
            try insert("text")
            #expect(try Int.fetchOne(db, sql: "SELECT count(*) FROM t") == 1)
        }
    }
}
