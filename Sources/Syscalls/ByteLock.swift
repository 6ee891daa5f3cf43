internal import Glibc

/// An exclusive lock on a file that others lock in ways of their own, held until the value goes
/// away or the process ends: on the last byte that a file can have, which none does.
///
/// The file stays open until the process ends, since closing it would drop the classic POSIX locks
/// that something else in the process may have on it (fcntl(2)).
public final class ByteLock: Sendable {
    private let number: Int32

    private init(_ number: Int32) {
        self.number = number
    }

    /// Takes the lock on the file at `path` without waiting; nil where another opener holds it.
    public static func acquire(_ path: String) throws(SystemCallError) -> ByteLock? {
        // SAFETY: the path is passed as a string that outlives the call.
        let number = try retrying("open", path) { unsafe open(path, O_RDWR | O_CLOEXEC) }
        var request = lastByte(F_WRLCK)
        // SAFETY: the kernel reads one request.
        let answer = try retrying("lock", path, expecting: [EAGAIN, EACCES]) {
            unsafe fcntl(number, FileLock.setOperation, &request)
        }
        return answer == nil ? nil : ByteLock(number)
    }

    deinit {
        var request = Self.lastByte(F_UNLCK)
        // SAFETY: the kernel reads one request.
        _ = unsafe fcntl(number, FileLock.setOperation, &request)
    }

    private static func lastByte(_ type: Int32) -> flock {
        flock(
            l_type: Int16(type), l_whence: Int16(SEEK_SET), l_start: off_t.max - 1, l_len: 1,
            l_pid: 0)
    }
}
