internal import GRDB

/// The database's tables through time. Migrations only go forward; a database that a newer
/// build has migrated is refused, since nobody can know what it means.
enum Schema {
    /// Marks the file as logtail's: the letters `LgTl`, as `file(1)` and others read it.
    static let applicationID = 0x4C67_546C

    /// Migration `n` (counted from 0) takes a database from `user_version` n to n + 1.
    static let migrations = [firstVersion, secondVersion, thirdVersion, fourthVersion]

    /// The `user_version` this build writes and the newest it understands.
    static var version: Int { migrations.count }

    /// What a file that SQLite can read turned out to be.
    enum Kind: Equatable {
        /// It has no tables.
        case empty
        /// It is ours, with that `user_version`.
        case version(Int)
        /// It is someone else's.
        case foreign
    }

    /// Looks at a database and changes nothing.
    static func kind(of db: Database) throws -> Kind {
        let application = try Int.fetchOne(db, sql: "PRAGMA application_id") ?? 0
        let version = try version(of: db)
        if application == applicationID { return .version(version) }
        let objects = try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_master") ?? 0
        return application == 0 && version == 0 && objects == 0 ? .empty : .foreign
    }

    /// The `user_version` of a database; one that is only read is left as it is.
    static func version(of db: Database) throws -> Int {
        try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
    }

    /// Whether a database has the tables of the second version.
    static func hasCounters(_ db: Database) throws -> Bool { try version(of: db) >= 2 }

    /// Brings the database from `version` to this build's, in one transaction, or proves that it
    /// can be written where there is nothing to bring.
    static func migrate(_ db: Database, from version: Int) throws {
        try db.inTransaction(.immediate) {
            try bring(db, from: version)
            return .commit
        }
    }

    /// The same within a transaction that there is already.
    static func bring(_ db: Database, from version: Int) throws {
        guard version < migrations.count else { return }
        for migration in migrations.dropFirst(version) { try db.execute(sql: migration) }
        try db.execute(sql: "PRAGMA application_id = \(applicationID)")
        try db.execute(sql: "PRAGMA user_version = \(migrations.count)")
    }
}
