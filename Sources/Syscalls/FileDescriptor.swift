internal import Glibc

/// An open file descriptor with exactly one owner, closed when that owner goes away.
public struct FileDescriptor: ~Copyable, Sendable {
    /// The kernel's number.
    public let number: Int32
    /// The path that was opened, for messages; empty where there was none.
    let path: String

    /// Takes over an open descriptor.
    public init(owning number: Int32) {
        self.number = number
        path = ""
    }

    deinit {
        // Linux frees the number even where close fails, so there is nothing to do about it.
        _ = Glibc.close(number)
    }

    /// Opens `path` with `O_CLOEXEC` and the given flags.
    public init(
        opening path: String, _ flags: Int32, permissions: UInt32 = 0o600
    ) throws(SystemCallError) {
        self.path = path
        // SAFETY: the path is passed as a string that outlives the call.
        number = try retrying("open", path) {
            unsafe Glibc.open(path, flags | O_CLOEXEC, permissions)
        }
    }

    /// A second number for an open descriptor, such as standard output's.
    public init(duplicating number: Int32) throws(SystemCallError) {
        path = ""
        self.number = try retrying("duplicate", "descriptor \(number)") {
            fcntl(number, F_DUPFD_CLOEXEC, 0)
        }
    }

    /// Opens a file to be followed: for reading, and without waiting if it is a FIFO.
    public init(openingToRead path: String) throws(SystemCallError) {
        try self.init(opening: path, O_RDONLY | O_NONBLOCK | O_NOCTTY)
    }

    /// Makes a new file that only its owner may use (0600), open for writing; nil where there
    /// is a file already.
    public init?(creating path: String) throws(SystemCallError) {
        // SAFETY: the path is passed as a string that outlives the call.
        let number = try retrying("create", path, expecting: [EEXIST]) {
            unsafe Glibc.open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode_t(0o600))
        }
        guard let number else { return nil }
        self.number = number
        self.path = path
    }

    /// Reads at the descriptor's own position into the beginning of `bytes`; 0 at the end, nil
    /// where nothing is there yet.
    public func read(into bytes: inout [UInt8]) throws(SystemCallError) -> Int? {
        // SAFETY: the kernel writes at most the count it is given.
        try retrying("read", path, expecting: [EAGAIN]) {
            unsafe bytes.withUnsafeMutableBytes { buffer in
                unsafe Glibc.read(number, buffer.baseAddress, buffer.count)
            }
        }
    }

    /// Reads at `offset` into a range of `bytes`, leaving the descriptor's own position alone;
    /// 0 at the end.
    public func read(
        into bytes: inout [UInt8], _ range: Range<Int>, at offset: Int64
    ) throws(SystemCallError) -> Int {
        // SAFETY: rebasing traps where the range is outside of the bytes; the kernel writes at
        // most the count it is given.
        try retrying("pread", path) {
            unsafe bytes.withUnsafeMutableBytes { buffer in
                let room = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[range])
                return unsafe Glibc.pread(number, room.baseAddress, room.count, off_t(offset))
            }
        }
    }

    /// Writes some of `bytes`; nil where none can be taken now.
    public func write(_ bytes: Span<UInt8>) throws(SystemCallError) -> Int? {
        // SAFETY: the kernel reads at most the count it is given.
        try retrying("write", expecting: [EAGAIN]) {
            unsafe bytes.withUnsafeBytes { buffer in
                unsafe Glibc.write(number, buffer.baseAddress, buffer.count)
            }
        }
    }
}
