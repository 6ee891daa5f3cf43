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

extension Folder {
    /// Gives a file another name, in the place of what has that name.
    public static func rename(_ path: String, to other: String) throws(SystemCallError) {
        // SAFETY: both paths outlive the call.
        _ = try retrying("rename", path) { unsafe Glibc.rename(path, other) }
    }

    /// Removes a file, if it is there.
    public static func remove(_ path: String) throws(SystemCallError) {
        // SAFETY: the path outlives the call.
        _ = try retrying("remove", path, expecting: [ENOENT]) { unsafe Glibc.unlink(path) }
    }

    /// Waits until the names in a folder are on the disk.
    public static func sync(_ path: String) throws(SystemCallError) {
        let folder = try FileDescriptor(opening: path, O_RDONLY | O_DIRECTORY)
        let number = folder.number
        _ = try retrying("sync folder", path) { fsync(number) }
    }
}

extension SystemCallError {
    /// The failure of a call that found no memory.
    public init(outOfMemoryFor call: String) {
        self.init(call, "", errorNumber: ENOMEM)
    }

    /// The failure of a call on a file that belongs to another program.
    public init(notOurs call: String) {
        self.init(call, "", errorNumber: EEXIST)
    }
}
