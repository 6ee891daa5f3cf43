internal import Syscalls

/// A daemon's hold on its database: while it lasts, no other daemon has one.
///
/// The file beside the database says who it is, and tells readers of new rows. That file can be
/// removed, so the database itself is locked too.
final class DatabaseLock: Sendable {
    private let database: ByteLock
    private let file: FileLock

    /// Takes hold of the database at `path`, which has no symlinks in it.
    init(_ path: String) throws(TelemetryError) {
        let beside = DatabaseFile.lock(of: path)
        do throws(SystemCallError) {
            if let database = try ByteLock.acquire(path),
                let file = try FileLock.acquire(beside)
            {
                self.database = database
                self.file = file
                return
            }
        } catch {
            throw .unusable(
                path: path, reason: error.object == path ? error.reason : error.description)
        }
        let holder = (try? FileLock.holder(of: beside)) ?? nil
        throw .inUse(path: path, pid: holder ?? 0)
    }

    /// Tells readers that there are new events, once they can be read.
    func signal() {
        file.signal()
    }
}
