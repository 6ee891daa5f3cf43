internal import Syscalls

/// The database as a file: where its path really leads, and the lock beside it.
enum DatabaseFile {
    /// Follows `path` to the file it leads to, through symlinks also where the last one points
    /// at nothing yet; makes the missing folders (0700) and an empty file (0600).
    static func create(_ path: String) throws(TelemetryError) -> String {
        if let existing = try find(path) { return existing }
        let end = Folder.destination(of: path)
        do {
            let folder = Folder.parent(of: end)
            try Folder.create(folder)
            let file = (Folder.realPath(folder) ?? folder) + "/" + Folder.name(of: end)
            // Nothing has this file open yet: closing a descriptor of an open database would
            // drop the locks that SQLite holds on it (howtocorrupt.html, 2.2).
            _ = try FileDescriptor(creating: file)
            return file
        } catch {
            throw .unusable(path: path, reason: error.description)
        }
    }

    /// The file that `path` leads to; nil where there is none.
    static func find(_ path: String) throws(TelemetryError) -> String? {
        let status: FileStatus?
        do {
            status = try FileStatus(path: path)
        } catch {
            throw .unusable(path: path, reason: error.reason)
        }
        guard let status else { return nil }
        guard status.kind == .regular else {
            throw .notRegular(path: path, kind: status.kind.rawValue)
        }
        return Folder.realPath(path) ?? path
    }

    /// The file that says which daemon records into the database at `file`.
    static func lock(of file: String) -> String { file + ".lock" }

    /// True where a write-ahead log with something in it lies beside the database: it is in use,
    /// or was not closed.
    static func hasWriteAheadLog(_ file: String) -> Bool {
        size(file + "-wal") > 0
    }

    /// Bytes of a file, 0 where it cannot be looked at.
    static func size(_ file: String) -> Int64 {
        ((try? FileStatus(path: file)) ?? nil)?.size ?? 0
    }

    /// False where the path of an open file leads to another one by now, or to none; its inode is
    /// not given away while it is open.
    static func isInPlace(_ file: String, _ opened: FileStatus) -> Bool {
        do {
            guard let status = try FileStatus(path: file) else { return false }
            return status.isSameFile(as: opened)
        } catch {
            return true
        }
    }
}
