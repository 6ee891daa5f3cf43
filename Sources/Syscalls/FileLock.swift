internal import Glibc

/// An exclusive lock on a file of its own, held until the value goes away or the process ends.
///
/// It is an open file description lock (fcntl(2)): a classic POSIX lock would be dropped as soon
/// as anything in the process closed the same file, and would not keep out a second opener in the
/// same process. The kernel names no owner for these locks, so the holder writes its process id
/// into the file.
public final class FileLock: Sendable {
    // F_OFD_GETLK and F_OFD_SETLK of Linux, which the Glibc module leaves out.
    private static let getOperation: Int32 = 36
    static let setOperation: Int32 = 37

    private let descriptor: FileDescriptor

    private init(owning number: Int32) {
        descriptor = FileDescriptor(owning: number)
    }

    /// Takes the lock on `path` without waiting; makes the file where there is none. Nil where
    /// another opener holds it.
    public static func acquire(_ path: String) throws(SystemCallError) -> FileLock? {
        // SAFETY: the path is passed as a string that outlives the call.
        let number = try retrying("open", path) {
            unsafe Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC, mode_t(0o600))
        }
        let lock = FileLock(owning: number)
        var request = wholeFile
        // SAFETY: the kernel reads one request.
        let answer = try retrying("lock", path, expecting: [EAGAIN, EACCES]) {
            unsafe fcntl(number, setOperation, &request)
        }
        guard answer != nil else { return nil }
        try lock.writeIdentifier(path)
        return lock
    }

    /// Who holds the lock on `path`: a process id, 0 where it has not written one; nil where
    /// nobody does.
    public static func holder(of path: String) throws(SystemCallError) -> Int32? {
        let file: FileDescriptor
        do {
            file = try FileDescriptor(openingToRead: path)
        } catch {
            if error.isMissing { return nil }
            throw error
        }
        let number = file.number
        var request = wholeFile
        // SAFETY: the kernel reads one request and answers in its place.
        _ = try retrying("lock", path) { unsafe fcntl(number, getOperation, &request) }
        return request.l_type == Int16(F_UNLCK) ? nil : writtenIdentifier(number)
    }

    /// Tells whoever watches the file, by its times, that the holder has done something.
    public func signal() {
        // No times means now. A failure costs somebody a wake-up and no more.
        _ = futimens(descriptor.number, nil)
    }

    private static var wholeFile: flock {
        flock(l_type: Int16(F_WRLCK), l_whence: Int16(SEEK_SET), l_start: 0, l_len: 0, l_pid: 0)
    }

    private func writeIdentifier(_ path: String) throws(SystemCallError) {
        let number = descriptor.number
        _ = try retrying("truncate", path) { ftruncate(number, 0) }
        _ = try descriptor.write(Array("\(getpid())\n".utf8).span)
    }

    private static func writtenIdentifier(_ number: Int32) -> Int32 {
        var bytes = [UInt8](repeating: 0, count: 16)
        // SAFETY: the kernel writes at most the count it is given.
        let count = unsafe bytes.withUnsafeMutableBytes { buffer in
            unsafe pread(number, buffer.baseAddress, buffer.count, 0)
        }
        let digits = bytes.prefix(max(count, 0)).prefix { $0 != UInt8(ascii: "\n") }
        return Int32(String(decoding: digits, as: UTF8.self)) ?? 0
    }
}
