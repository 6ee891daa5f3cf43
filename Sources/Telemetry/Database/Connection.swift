internal import CSQLite
internal import GRDB
internal import GRDBSQLite
internal import Syscalls

/// How connections to the database are made, and how their failures are told.
enum Connection {
    /// How long a statement waits for a lock that another program holds. The engine tries again
    /// anyway, and it must not stand still for longer.
    static let busySeconds = 1.0

    /// The same at the start, which has to switch a new database to its write-ahead log: no reader
    /// may be in it then.
    static let busySecondsAtStart = 10.0

    /// Sets how long a connection's statements wait for such a lock.
    static func setWait(_ seconds: Double, _ db: Database) {
        // SAFETY: the connection is open, and this is its queue.
        _ = unsafe sqlite3_busy_timeout(db.sqliteConnection, Int32(seconds * 1_000))
    }

    /// A connection for writing; its page cache holds a batch's worth of pages.
    static func writer(_ file: String) throws -> DatabaseQueue {
        var configuration = base(cacheKiB: 512)
        configuration.label = "telemetry.writer"
        guard registration == SQLITE_OK else {
            throw DatabaseError(resultCode: ResultCode(rawValue: registration))
        }
        return try DatabaseQueue(
            path: uri(file, "vfs=\(CSQLITE_WHOLE_FRAMES)"), configuration: configuration)
    }

    /// A connection for writing beside the daemon. SQLite lets nobody queue for its lock and waits
    /// longer with every try, which a daemon that reads a backlog makes come to nothing; so this
    /// one tries every millisecond, up to half a minute.
    static func secondWriter(_ file: String) throws -> DatabaseQueue {
        var configuration = base(cacheKiB: 512)
        configuration.label = "telemetry.second-writer"
        configuration.busyMode = .callback { tries in
            Clock.rest(nanoseconds: 1_000_000)
            return tries < 30_000
        }
        return try DatabaseQueue(path: file, configuration: configuration)
    }

    /// A connection for reading. Queries stream, so its page cache is small.
    static func reader(_ file: String) throws -> DatabaseQueue {
        var configuration = base(cacheKiB: 128)
        configuration.label = "telemetry.reader"
        configuration.readonly = true
        return try DatabaseQueue(path: file, configuration: configuration)
    }

    /// A connection to a file that nobody can write, where SQLite finds no room for the index of
    /// a write-ahead log. Only right where there is no such log.
    static func immutable(_ file: String) throws -> DatabaseQueue {
        try reader(uri(file, "immutable=1"))
    }

    /// A file with a parameter for SQLite.
    private static func uri(_ file: String, _ parameter: String) -> String {
        // Everything but what means nothing in a URI (sqlite.org/uri.html).
        let escaped = file.utf8.map { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "/"), UInt8(ascii: "."):
                String(Unicode.Scalar(byte))
            default:
                (byte < 0x10 ? "%0" : "%") + String(byte, radix: 16)
            }
        }.joined()
        return "file:\(escaped)?\(parameter)"
    }

    /// What the process asks of SQLite before its first connection, once; a program that has used
    /// it before goes without. Counting memory was a ninth of what a commit of one breach takes.
    private static let isConfigured = csqlite_configure() == SQLITE_OK

    /// How registering the writer's way to write ended; once, too.
    private static let registration = csqlite_register_whole_frames()

    private static func base(cacheKiB: Int) -> Configuration {
        _ = isConfigured
        var configuration = Configuration()
        configuration.busyMode = .timeout(busySeconds)
        configuration.foreignKeysEnabled = false
        configuration.prepareDatabase { db in
            try db.execute(sql: "PRAGMA cache_size = -\(cacheKiB)")
        }
        return configuration
    }

    /// Runs `body` and tells its failure as an error that names `path`.
    static func reporting<Value>(
        _ path: String, _ body: () throws -> Value
    ) throws(TelemetryError) -> Value {
        do {
            return try body()
        } catch let error as TelemetryError {
            throw error
        } catch let error as DatabaseError {
            throw failure(error, path)
        } catch {
            throw .failed(path: path, reason: "\(error)")
        }
    }

    private static func isOfSchema(_ reason: String) -> Bool {
        ["no such table", "no such column", "has no column"].contains { reason.contains($0) }
    }

    private static func failure(_ error: DatabaseError, _ path: String) -> TelemetryError {
        let reason = error.message ?? error.resultCode.description
        switch error.resultCode {
        case .SQLITE_BUSY: return .failed(path: path, reason: "another program reads or writes it")
        case .SQLITE_NOTADB, .SQLITE_CORRUPT: return .corrupt(path: path, reason: reason)
        case .SQLITE_READONLY, .SQLITE_CANTOPEN, .SQLITE_PERM, .SQLITE_AUTH:
            return .unusable(path: path, reason: reason)
        // A table or column that was taken away from a database of logtail's.
        case .SQLITE_ERROR where isOfSchema(reason): return .corrupt(path: path, reason: reason)
        // The one may be of numbers instead, and the other is all that is said where the index of
        // the write-ahead log has no room.
        case .SQLITE_FULL, .SQLITE_IOERR:
            return FileSystem.isFull(at: path)
                ? .full(path: path) : .failed(path: path, reason: reason)
        default: return .failed(path: path, reason: reason)
        }
    }
}

/// Transactions that wait for the write lock at their beginning, where waiting is possible.
///
/// GRDB compiles BEGIN and COMMIT anew for each transaction, a quarter of what a small one costs
/// besides the disk.
struct ImmediateTransaction {
    private let db: Database
    private var begin: RowStatement
    private var commit: RowStatement

    init(_ db: Database) throws {
        self.db = db
        begin = try RowStatement("BEGIN IMMEDIATE", db)
        commit = try RowStatement("COMMIT", db)
    }

    /// Runs `body` in a transaction.
    mutating func run<Value>(_ body: () throws -> Value) throws -> Value {
        try begin.execute()
        do {
            let value = try body()
            try commit.execute()
            return value
        } catch {
            try db.rollback()
            throw error
        }
    }
}

extension Database {
    /// Runs `body` in a transaction that waits for the write lock at its beginning.
    func inImmediateTransaction<Value>(_ body: () throws -> Value) throws -> Value {
        var transaction = try ImmediateTransaction(self)
        return try transaction.run(body)
    }
}
