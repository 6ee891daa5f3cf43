internal import GRDB
internal import GRDBSQLite

/// A statement that is executed once for each row, its values bound as what they are.
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

    /// Executes the statement with a value for each of its parameters; it gives no rows. Returns
    /// how many it changed, where it changes any at all.
    @discardableResult
    func execute<each Value: ColumnValue>(_ values: repeat each Value) throws -> Int {
        // SAFETY: the pointer is that of a statement which lives as long as this value does.
        let compiled = unsafe statement.sqliteStatement
        var textBytes = 0
        for value in repeat each values { textBytes += value.textBytes }
        // A byte more, so that an empty text has a place too: none would be NULL.
        // SAFETY: texts are bound where they lie in the room, which outlives the execution. Nothing
        // reads them after it: each execution binds all parameters anew, here and in GRDB.
        let code = unsafe withUnsafeTemporaryAllocation(
            of: UInt8.self, capacity: textBytes + 1
        ) { room in
            var used = 0
            var index: Int32 = 0
            for value in repeat each values {
                index += 1
                let code = unsafe value.bind(to: compiled, at: index, room, &used)
                guard code == SQLITE_OK else { return code }
            }
            unsafe _ = sqlite3_step(compiled)
            // How the execution ended.
            return unsafe sqlite3_reset(compiled)
        }
        guard code == SQLITE_OK else { throw failure(code) }
        // SAFETY: the connection is that of the statement.
        return unsafe Int(sqlite3_changes(sqlite3_db_handle(compiled)))
    }

    /// The first column of the only row that the statement gives; nil where it gives none.
    func integer() throws -> Int64? {
        // SAFETY: as above.
        let compiled = unsafe statement.sqliteStatement
        // SAFETY: nothing else steps through the statement.
        let isRow = unsafe sqlite3_step(compiled) == SQLITE_ROW
        // SAFETY: the statement stands at a row.
        let value = isRow ? unsafe sqlite3_column_int64(compiled, 0) : nil
        // SAFETY: as above. It returns how the execution ended.
        let code = unsafe sqlite3_reset(compiled)
        guard code == SQLITE_OK else { throw failure(code) }
        return value
    }

    private func failure(_ code: Int32) -> DatabaseError {
        DatabaseError(
            resultCode: ResultCode(rawValue: code), message: db.lastErrorMessage,
            sql: statement.sql)
    }
}

/// What can be bound to a parameter of a ``RowStatement``.
protocol ColumnValue {
    /// Bytes that the value takes in the room for texts.
    var textBytes: Int { get }

    /// Binds the value and returns SQLite's code. A text is put into `room`, of which `used` bytes
    /// are taken.
    func bind(
        to statement: SQLiteStatement, at index: Int32, _ room: UnsafeMutableBufferPointer<UInt8>,
        _ used: inout Int
    ) -> Int32
}

extension ColumnValue {
    var textBytes: Int { 0 }
}

extension Int64: ColumnValue {
    func bind(
        to statement: SQLiteStatement, at index: Int32, _ room: UnsafeMutableBufferPointer<UInt8>,
        _ used: inout Int
    ) -> Int32 {
        // SAFETY: the statement is not under way.
        unsafe sqlite3_bind_int64(statement, index, self)
    }
}

extension Double: ColumnValue {
    func bind(
        to statement: SQLiteStatement, at index: Int32, _ room: UnsafeMutableBufferPointer<UInt8>,
        _ used: inout Int
    ) -> Int32 {
        // SAFETY: the statement is not under way.
        unsafe sqlite3_bind_double(statement, index, self)
    }
}

extension String: ColumnValue {
    var textBytes: Int { utf8.count }

    func bind(
        to statement: SQLiteStatement, at index: Int32, _ room: UnsafeMutableBufferPointer<UInt8>,
        _ used: inout Int
    ) -> Int32 {
        let length = utf8.count
        // SAFETY: a range outside of the room traps.
        let place = unsafe UnsafeMutableBufferPointer(rebasing: room[used..<used + length])
        used += length
        // SAFETY: the place is as long as the text.
        _ = unsafe place.initialize(from: utf8)
        // SAFETY: the text stays where it is until the statement was executed: SQLITE_STATIC.
        return unsafe place.withMemoryRebound(to: CChar.self) { characters in
            unsafe sqlite3_bind_text(
                statement, index, characters.baseAddress, Int32(length), nil)
        }
    }
}

extension Optional: ColumnValue where Wrapped: ColumnValue {
    var textBytes: Int { self?.textBytes ?? 0 }

    func bind(
        to statement: SQLiteStatement, at index: Int32, _ room: UnsafeMutableBufferPointer<UInt8>,
        _ used: inout Int
    ) -> Int32 {
        // SAFETY: the statement is not under way; the room is the one this was given.
        unsafe self?.bind(to: statement, at: index, room, &used)
            ?? sqlite3_bind_null(statement, index)
    }
}
