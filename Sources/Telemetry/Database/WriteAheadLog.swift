internal import GRDB
internal import GRDBSQLite
internal import Synchronization

/// Folds a connection's write-ahead log back into the database when it is told to, where SQLite
/// would do it inside of the commit that made the log too long: what was just committed would
/// have to wait for it, and so would who is to be told.
@safe final class WriteAheadLog: Sendable {
    /// Pages in the log after the last commit; 0 where it was folded back since.
    private let pages = Atomic<Int32>(0)
    /// Pages from which on it is folded back; SQLite's own thousand until retention says.
    private let limit = Atomic<Int32>(1_000)

    /// The log of a connection, which is never used without it again.
    func attach(to db: Database) {
        // SAFETY: the connection is closed before its store, and this with it, goes away.
        let context = unsafe Unmanaged.passUnretained(self).toOpaque()
        // SAFETY: as above. The hook takes the place of SQLite's own, which folds.
        _ = unsafe sqlite3_wal_hook(
            db.sqliteConnection,
            { context, _, _, pages in
                guard let context = unsafe context else { return SQLITE_OK }
                // SAFETY: as above.
                let log = unsafe Unmanaged<WriteAheadLog>.fromOpaque(context)
                unsafe log.takeUnretainedValue().pages.store(pages, ordering: .relaxed)
                return SQLITE_OK
            }, context)
    }

    /// Sets after how many pages the log is folded back.
    func setLimit(_ pages: Int) {
        limit.store(Int32(clamping: pages), ordering: .relaxed)
    }

    /// Folds the log back where it has become too long. Where that cannot be done, because of a
    /// reader or the disk, the next commit tries again, as SQLite does.
    func foldIfDue(_ db: Database) {
        guard pages.load(ordering: .relaxed) >= limit.load(ordering: .relaxed) else { return }
        pages.store(0, ordering: .relaxed)
        // SAFETY: the connection is open, and this is its queue.
        _ = unsafe sqlite3_wal_checkpoint_v2(
            db.sqliteConnection, nil, SQLITE_CHECKPOINT_PASSIVE, nil, nil)
    }
}
