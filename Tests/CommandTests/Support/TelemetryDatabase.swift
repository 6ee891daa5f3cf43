import Foundation
import GRDB

/// The telemetry database as any SQLite reader sees it.
struct TelemetryDatabase {
    private let queue: DatabaseQueue

    init(_ path: String) throws {
        var configuration = Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(5)
        queue = try DatabaseQueue(path: path, configuration: configuration)
    }

    /// The rows of a query as text; doubles with every digit, NULL as `-`.
    func rows(_ sql: String) throws -> [[String]] {
        try queue.read { db in
            try Row.fetchAll(db, sql: sql).map { row in row.databaseValues.map(Self.text) }
        }
    }

    /// The first column of the first row, 0 where it is NULL or there is none.
    func integer(_ sql: String) throws -> Int {
        try queue.read { db in try Int.fetchOne(db, sql: sql) ?? 0 }
    }

    /// The details of the events of a kind, oldest first.
    func details(_ kind: String) throws -> [[String: Any]] {
        let sql = "SELECT detail FROM events WHERE kind = '\(kind)' ORDER BY seq"
        return try rows(sql).compactMap { row in
            try JSONSerialization.jsonObject(with: Data(row[0].utf8)) as? [String: Any]
        }
    }

    /// How many events there are of a kind.
    func count(_ kind: String) throws -> Int {
        try integer("SELECT count(*) FROM events WHERE kind = '\(kind)'")
    }

    /// How many bytes were read of all paths together.
    func bytesRead() throws -> Int {
        try integer("SELECT sum(bytes_read) FROM checkpoints")
    }

    private static func text(_ value: DatabaseValue) -> String {
        switch value.storage {
        case .null: "-"
        case .int64(let number): String(number)
        case .double(let number): number.description
        case .string(let text): text
        case .blob(let data): data.base64EncodedString()
        }
    }
}
