internal import Checkpoint
internal import GRDB
internal import GRDBSQLite

/// A statement that writes a row each time, its values bound as what they are, or none at all.
///
/// GRDB makes an array of values of any type and compares it with the statement, which takes
/// longer than SQLite takes to write a small row.
struct RowStatement {
    private let db: Database
    private let statement: Statement
    private var values: Values

    /// The statement of that text, compiled once for as long as the connection is open.
    init(_ sql: String, _ db: Database) throws {
        self.db = db
        statement = try db.cachedStatement(sql: sql)
        // SAFETY: the pointer is that of a statement which lives as long as this value does.
        values = unsafe Values(statement.sqliteStatement)
    }

    /// Executes the statement with the values that `bind` adds, one for each of its parameters; it
    /// gives no rows. Returns how many it changed, where it changes any at all.
    @discardableResult
    mutating func execute(_ bind: (inout Values) -> Void = { _ in }) throws -> Int {
        values.clear()
        bind(&values)
        let code = values.execute()
        guard code == SQLITE_OK else { throw failure(code) }
        // SAFETY: the connection is open.
        return unsafe Int(sqlite3_changes(db.sqliteConnection))
    }

    private func failure(_ code: Int32) -> DatabaseError {
        DatabaseError(
            resultCode: ResultCode(rawValue: code), message: db.lastErrorMessage,
            sql: statement.sql)
    }

    /// The values of one row, in the order of the parameters.
    @safe struct Values {
        private let compiled: SQLiteStatement
        private var count: Int32 = 0
        /// The texts, one after the other, and where each of them lies.
        private var bytes: [UInt8] = []
        private var texts: [(parameter: Int32, range: Range<Int>)] = []

        fileprivate init(_ compiled: SQLiteStatement) {
            unsafe self.compiled = unsafe compiled
            // What most rows need, so that neither grows step by step.
            bytes.reserveCapacity(512)
            texts.reserveCapacity(8)
        }

        /// Adds an integer.
        mutating func add(_ value: Int64) {
            count += 1
            // SAFETY: the statement is not under way.
            _ = unsafe sqlite3_bind_int64(compiled, count, value)
        }

        /// Adds a number, or NULL.
        mutating func add(_ value: Double?) {
            count += 1
            // SAFETY: the statement is not under way.
            _ =
                unsafe value.map { unsafe sqlite3_bind_double(compiled, count, $0) }
                ?? sqlite3_bind_null(compiled, count)
        }

        /// Adds a text, or NULL.
        mutating func add(_ value: String?) {
            count += 1
            guard let value else {
                // SAFETY: the statement is not under way.
                _ = unsafe sqlite3_bind_null(compiled, count)
                return
            }
            let start = bytes.count
            bytes.append(text: value)
            texts.append((count, start..<bytes.count))
        }

        /// Adds the text that `write` appends to the bytes it is given.
        mutating func add(_ write: (inout [UInt8]) -> Void) {
            count += 1
            let start = bytes.count
            write(&bytes)
            texts.append((count, start..<bytes.count))
        }

        fileprivate mutating func clear() {
            count = 0
            bytes.removeAll(keepingCapacity: true)
            texts.removeAll(keepingCapacity: true)
        }

        /// Executes the statement and returns SQLite's code.
        fileprivate mutating func execute() -> Int32 {
            // SAFETY: the statement lives. One parameter less would find what is there no more.
            let parameters = unsafe sqlite3_bind_parameter_count(compiled)
            guard count == parameters else { return SQLITE_MISUSE }
            // Has an address even where all texts are empty: none would be NULL.
            bytes.append(0)
            // SAFETY: texts are bound where they lie, which is there until the statement was
            // executed. Nothing reads them after that: each execution binds all parameters anew,
            // here and in GRDB.
            return unsafe bytes.withUnsafeBytes { buffer in
                for text in texts {
                    let start = unsafe buffer.baseAddress.map { unsafe $0 + text.range.lowerBound }
                    let characters = unsafe start?.assumingMemoryBound(to: CChar.self)
                    let code = unsafe sqlite3_bind_text(
                        compiled, text.parameter, characters, Int32(text.range.count), nil)
                    guard code == SQLITE_OK else { return code }
                }
                unsafe _ = sqlite3_step(compiled)
                // How the execution ended.
                return unsafe sqlite3_reset(compiled)
            }
        }
    }
}
