internal import GRDB

/// The numbers of events, which the one writer gives out.
///
/// SQLite notes the highest number of a table in `sqlite_sequence`, a page of its own, with each
/// commit that passes what it has there. So that is raised far ahead now and then, and which
/// number was the last the rows tell.
struct EventSequence {
    /// Numbers reserved at once.
    private static let reserve: Int64 = 1_024

    private let db: Database
    private var reserved: Int64
    /// The last number that was given out; 0 where none was.
    private var last: Int64

    init(_ db: Database) throws {
        self.db = db
        last = try EventBounds.fetch(db).latest
        let sql = "SELECT seq FROM sqlite_sequence WHERE name = 'events'"
        reserved = try Int64.fetchOne(db, sql: sql) ?? 0
    }

    /// Gives out the next numbers, inside of the transaction that uses them. Where that fails, all
    /// of this is to be asked anew.
    mutating func next(_ count: Int) throws -> Range<Int64> {
        guard last < .max - Self.reserve - Int64(count) else {
            throw DatabaseError(resultCode: .SQLITE_FULL, message: "no number is left for an event")
        }
        let numbers = last + 1..<last + 1 + Int64(count)
        last += Int64(count)
        if last > reserved {
            reserved = last + Self.reserve
            try Self.raise(to: reserved, db)
        }
        return numbers
    }

    private static func raise(to number: Int64, _ db: Database) throws {
        try db.execute(
            sql: "UPDATE sqlite_sequence SET seq = ? WHERE name = 'events'", arguments: [number])
        guard db.changesCount == 0 else { return }
        try db.execute(
            sql: "INSERT INTO sqlite_sequence (name, seq) VALUES ('events', ?)",
            arguments: [number])
    }
}

extension EventBounds {
    /// The bounds as the database has them now.
    static func fetch(_ db: Database) throws -> EventBounds {
        let latest =
            try Schema.version(of: db) >= 4
            ? """
            max(coalesce((SELECT max(seq) FROM events), 0),
                coalesce((SELECT last_deleted FROM retention), 0))
            """ : "coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'events'), 0)"
        let sql = "SELECT (SELECT min(seq) FROM events), \(latest)"
        let row = try Row.fetchOne(db.cachedStatement(sql: sql))
        return EventBounds(oldest: row?[0], latest: row?[1] ?? 0)
    }
}
