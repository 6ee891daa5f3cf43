internal import Glibc

/// Files that several processes write: opening, locking, cutting and syncing them.
extension FileDescriptor {
    /// Opens a file to append to and to read, or makes it for its owner alone (0600).
    public init(openingToAppend path: String) throws(SystemCallError) {
        try self.init(opening: path, O_RDWR | O_APPEND | O_CREAT | O_NOCTTY | O_NONBLOCK)
    }

    /// Opens a file to write anywhere in it, or makes it for its owner alone (0600).
    public init(openingToUpdate path: String) throws(SystemCallError) {
        try self.init(opening: path, O_RDWR | O_CREAT | O_NOCTTY | O_NONBLOCK)
    }

    /// Opens an empty file to write, in the place of what is there.
    public init(replacing path: String) throws(SystemCallError) {
        try self.init(opening: path, O_WRONLY | O_CREAT | O_TRUNC | O_NOCTTY)
    }

    /// Takes the exclusive flock(2) without waiting; false where someone else holds it.
    public func tryLock() throws(SystemCallError) -> Bool {
        try retrying("flock", expecting: [EWOULDBLOCK]) { flock(number, LOCK_EX | LOCK_NB) } != nil
    }

    /// Gives the lock back.
    public func unlock() {
        _ = flock(number, LOCK_UN)
    }

    /// Cuts the file to `size` bytes.
    public func truncate(to size: Int64) throws(SystemCallError) {
        _ = try retrying("truncate") { ftruncate(number, off_t(size)) }
    }

    /// Waits until the file and what the file system knows of it are on the disk: fsync(2).
    public func sync() throws(SystemCallError) {
        _ = try retrying("fsync") { fsync(number) }
    }

    /// Waits until the file's bytes are on the disk: fdatasync(2).
    public func syncData() throws(SystemCallError) {
        _ = try retrying("fdatasync") { fdatasync(number) }
    }

    /// Writes all of `bytes`; where it fails, some of them may be written.
    public func writeAll(_ bytes: Span<UInt8>) throws(SystemCallError) {
        var from = 0
        while from < bytes.count {
            guard let count = try write(bytes.extracting(from...)) else {
                throw SystemCallError("write", "", errorNumber: EAGAIN)
            }
            from += count
        }
    }

    /// Writes all of `bytes` at `offset`; where it fails, some of them may be written.
    public func writeAll(_ bytes: Span<UInt8>, at offset: Int64) throws(SystemCallError) {
        var from = 0
        while from < bytes.count {
            // SAFETY: the kernel reads at most the count it is given.
            from += try retrying("pwrite") {
                unsafe bytes.extracting(from...).withUnsafeBytes { buffer in
                    unsafe pwrite(
                        number, buffer.baseAddress, buffer.count, off_t(offset) + off_t(from))
                }
            }
        }
    }
}
