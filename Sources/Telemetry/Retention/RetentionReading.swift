internal import GRDB

extension TelemetryReader {
    /// What retention was asked for and has done so far.
    public func retention() throws(TelemetryError) -> RetentionState {
        try reading { db in try RetentionState(db) }
    }

    /// How many events were ever recorded, by source, kind and status, in that order.
    public func eventCounts() throws(TelemetryError) -> [EventCount] {
        try reading { db in try EventCount.all(db) }
    }

    /// What the database takes on the disk, in bytes: the file, and its write-ahead log.
    public var fileBytes: (database: Int64, writeAheadLog: Int64) {
        (DatabaseFile.size(path), DatabaseFile.size(path + "-wal"))
    }

    /// The version of the database's schema, this build's or an older one.
    func schemaVersion() throws(TelemetryError) -> Int {
        try reading { db in try Schema.version(of: db) }
    }
}
