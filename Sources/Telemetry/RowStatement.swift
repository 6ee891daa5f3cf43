internal import GRDB
internal import GRDBSQLite

/// A statement that writes rows, its values bound as what they are.
///
/// GRDB makes an array of values of any type and compares it with the statement, which takes
/// longer than SQLite takes to write a small row.
struct RowStatement {
    private let db: Database
    private let statement: Statement

    /// The statement of that text, compiled once for as long as the connection is open.
    init(_ sql: String, _ db: Database) throws {
        self.db = db
        statement = try db.cachedStatement(sql: sql)
    }

    /// Executes the statement with a value for each of its parameters.
    func execute<each Value: StatementBinding>(_ values: repeat each Value) throws {
        // SAFETY: the pointer is that of a statement which lives as long as this value does.
        let compiled = unsafe statement.sqliteStatement
        var index: Int32 = 0
        for value in repeat each values {
            index += 1
            // SAFETY: the statement is not under way; a text is copied.
            try check(unsafe value.bind(to: compiled, at: index))
        }
        // SAFETY: nothing else steps through the statement; it gives no rows.
        _ = unsafe sqlite3_step(compiled)
        // SAFETY: as above. It returns how the execution ended.
        try check(unsafe sqlite3_reset(compiled))
    }

    private func check(_ code: Int32) throws {
        guard code == SQLITE_OK else {
            throw DatabaseError(
                resultCode: ResultCode(rawValue: code), message: db.lastErrorMessage,
                sql: statement.sql)
        }
    }
}
