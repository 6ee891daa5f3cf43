internal import Glibc

/// A file that is replaced as a whole: whoever looks at it meanwhile, and after a failure, sees
/// what was there before.
public enum AtomicFile {
    /// Writes `text` to a new file beside `path` and gives it that name. A symlink is followed;
    /// what is no regular file (`/dev/stdout`, a FIFO) is written to as it is.
    public static func write(_ text: String, to path: String) throws(SystemCallError) {
        let bytes = Array(text.utf8)
        let target = Folder.realPath(path) ?? path
        if let status = try FileStatus(path: target), status.kind != .regular {
            let file = try FileDescriptor(opening: target, O_WRONLY | O_NOCTTY)
            return try file.writeAll(bytes.span)
        }
        let temporary = "\(target).\(getpid()).tmp"
        do {
            // As every program makes a file that the umask decides about.
            let file = try FileDescriptor(
                opening: temporary, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, permissions: 0o666)
            try file.writeAll(bytes.span)
            try file.syncData()
            try Folder.rename(temporary, to: target)
        } catch {
            try? Folder.remove(temporary)
            throw error
        }
    }
}
