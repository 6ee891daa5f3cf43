internal import GRDB
internal import Syscalls

/// Reads the telemetry database while a daemon writes to it, or without one; never changes it.
///
/// Each reader has a connection of its own and may be used from any thread, by one at a time.
/// Rows are fetched page by page and handed out between the pages, so that a slow consumer never
/// keeps the write-ahead log from being folded back.
public final class TelemetryReader: EventLog, Sendable {
    /// The database file, without symlinks.
    public let path: String
    let database: DatabaseQueue

    /// Opens the database at `path`; makes nothing where there is none.
    public init(path: String) throws(TelemetryError) {
        guard let file = try DatabaseFile.find(path) else { throw .missing(path: path) }
        self.path = file
        database = try Self.open(file)
        try Connection.reporting(file) {
            switch try database.unsafeRead({ db in try Schema.kind(of: db) }) {
            case .empty: throw TelemetryError.missing(path: file)
            case .foreign: throw TelemetryError.foreign(path: file)
            case .version(let version) where version > Schema.version:
                throw TelemetryError.newer(path: file, version: version, known: Schema.version)
            case .version: break
            }
        }
    }

    private static func open(_ file: String) throws(TelemetryError) -> DatabaseQueue {
        do {
            return try Connection.reporting(file) { try Connection.reader(file) }
        } catch {
            // In a folder that cannot be written SQLite has no place for the index of the
            // write-ahead log. Where there is no log, none is needed.
            guard case .unusable = error else { throw error }
            guard !DatabaseFile.hasWriteAheadLog(file) else { throw error }
            return try Connection.reporting(file) { try Connection.immutable(file) }
        }
    }

    /// At most `limit` rows with `seq` strictly greater than `seq`, in order; fewer where they are
    /// long, but at least one where there is one.
    public func events(after seq: Int64, limit: Int) throws(TelemetryError) -> [RecordedEvent] {
        var query = EventQuery()
        query.after = seq
        return try reading { db in try Self.page(db, query, through: .max, limit: limit).rows }
    }

    /// The oldest row still there and the newest `seq` ever given out.
    public func bounds() throws(TelemetryError) -> EventBounds {
        try reading { try EventBounds.fetch($0) }
    }

    /// The rows that `query` asks for, in order of `seq`, all at once.
    public func events(matching query: EventQuery) throws(TelemetryError) -> [RecordedEvent] {
        var pages = try pages(matching: query)
        var events: [RecordedEvent] = []
        while let page = try pages.next() { events += page }
        return events
    }

    /// The rows that `query` asks for, in order of `seq`, as they are now, page by page.
    public func pages(matching query: EventQuery) throws(TelemetryError) -> EventQuery.Pages {
        let latest = try bounds().latest
        var query = query
        if query.after == nil, let limit = query.limit {
            query.after = try first(ofLast: limit, query).map { $0 - 1 } ?? latest
        }
        return EventQuery.Pages(self, query, through: latest)
    }

    /// At most `limit` of the rows that pass the filters, up to `last`, in order, and whether there
    /// are fewer because they are long; with the bounds of the sequence at the very same moment:
    /// retention may prune between two pages.
    func page(
        _ query: EventQuery, through last: Int64, limit: Int
    ) throws(TelemetryError) -> (rows: [RecordedEvent], isCut: Bool, bounds: EventBounds) {
        try Connection.reporting(path) {
            try database.read { db in
                let page = try Self.page(db, query, through: last, limit: limit)
                return (page.rows, page.isCut, try EventBounds.fetch(db))
            }
        }
    }

    /// Bytes of details in a page at the most, give or take one row: a page has so many only where
    /// something else than logtail wrote them, or one that kept ids of any length.
    private static let pageBytes = 256 * 1_024

    private static func page(
        _ db: Database, _ query: EventQuery, through last: Int64, limit: Int
    ) throws -> (rows: [RecordedEvent], isCut: Bool) {
        let (condition, arguments) = query.condition
        let sql = """
            SELECT \(RecordedEvent.columns) FROM events
             WHERE \(condition) AND seq <= ? ORDER BY seq LIMIT ?
            """
        let cursor = try Row.fetchCursor(
            db.cachedStatement(sql: sql), arguments: arguments + [last, limit])
        var rows: [RecordedEvent] = []
        var bytes = 0
        while bytes < pageBytes, let row = try cursor.next() {
            let event = RecordedEvent(row)
            bytes += event.detail.utf8.count
            rows.append(event)
        }
        return (rows, bytes >= pageBytes)
    }

    /// Where the last `count` rows that pass the filters begin; nil where none does.
    private func first(
        ofLast count: Int, _ query: EventQuery
    ) throws(TelemetryError) -> Int64? {
        let (condition, arguments) = query.condition
        let sql = """
            SELECT min(seq) FROM
             (SELECT seq FROM events WHERE \(condition) ORDER BY seq DESC LIMIT ?)
            """
        return try Connection.reporting(path) {
            try database.unsafeRead { db in
                try Int64.fetchOne(
                    db.cachedStatement(sql: sql), arguments: arguments + [count])
            }
        }
    }

    /// Every checkpoint, in order of source and path.
    public func checkpoints() throws(TelemetryError) -> [CheckpointRow] {
        try Connection.reporting(path) {
            try database.unsafeRead { db in
                let sql = """
                    SELECT \(CheckpointRow.columns) FROM checkpoints ORDER BY source, path
                    """
                return try Array(Row.fetchCursor(db, sql: sql).map { CheckpointRow($0) })
            }
        }
    }

    /// Every sink's position, in order of name.
    public func busPositions() throws(TelemetryError) -> [BusPosition] {
        try Connection.reporting(path) {
            try database.unsafeRead { db in
                // Numbers have no gaps: nothing needs to be counted.
                let sql = """
                    WITH bounds AS
                      (SELECT (SELECT max(seq) FROM events) AS latest,
                              (SELECT min(seq) FROM events) AS oldest)
                    SELECT sink, seq, updated_at,
                           iif(oldest IS NULL, 0, max(0, latest - max(seq, oldest - 1)))
                      FROM bus_positions, bounds ORDER BY sink
                    """
                return try Array(Row.fetchCursor(db, sql: sql).map { BusPosition($0) })
            }
        }
    }

    /// Asks the database a question of its own.
    func reading<Value>(_ body: (Database) throws -> Value) throws(TelemetryError) -> Value {
        try Connection.reporting(path) { try database.unsafeRead(body) }
    }

    /// The file that the daemon touches after each commit of events, for who wants to see them at
    /// once: a change of the write-ahead log is reported before the rows in it can be read.
    public var signalPath: String { DatabaseFile.lock(of: path) }

    /// The process id of the daemon that records into this database, 0 where it is not known;
    /// nil where none runs.
    public func runningDaemon() throws(TelemetryError) -> Int32? {
        do {
            return try FileLock.holder(of: DatabaseFile.lock(of: path))
        } catch {
            throw .unusable(path: path, reason: error.description)
        }
    }
}
