internal import CLinux
internal import Glibc

/// What the file system says of a file: statx(2), reduced to what following it takes.
public struct FileStatus: Equatable, Sendable {
    /// What kind of file it is; the raw value is how a message names it.
    public enum Kind: String, Sendable {
        /// Bytes on a disk.
        case regular = "regular file"
        /// A folder.
        case folder
        /// A named pipe.
        case pipe = "FIFO"
        /// A unix socket.
        case socket
        /// A character or block device.
        case device
        /// Anything else.
        case other = "special file"
    }

    /// The device's number.
    public let device: UInt64
    /// The inode's number.
    public let inode: UInt64
    /// When the inode came into being, nanoseconds since the epoch; nil where it is not kept.
    public let birth: Int64?
    /// When its bytes last changed, nanoseconds since the epoch.
    public let modified: Int64
    /// Length in bytes.
    public let size: Int64
    /// How many names it has; 0 once it is deleted.
    public let links: UInt32
    /// What kind of file it is.
    public let kind: Kind

    /// The status of what is at `path`, symlinks followed; nil where nothing is.
    public init?(path: String) throws(SystemCallError) {
        var status = clinux_status()
        // SAFETY: the path outlives the call, which fills one status.
        if unsafe clinux_statx_path(path, &status) != 0 {
            let error = SystemCallError("stat", path)
            if error.isMissing { return nil }
            throw error
        }
        self.init(status)
    }

    /// The status of an open file.
    public init(of descriptor: borrowing FileDescriptor) throws(SystemCallError) {
        var status = clinux_status()
        let number = descriptor.number
        // SAFETY: the call fills one status.
        _ = try retrying("fstat", descriptor.path) { unsafe clinux_statx_fd(number, &status) }
        self.init(status)
    }

    /// Whether both are of one file, by device and inode. While neither is held open, another file
    /// may have been given the inode meanwhile.
    public func isSameFile(as other: FileStatus) -> Bool {
        device == other.device && inode == other.inode
    }

    /// Fails with what reading would fail with where this is no regular file.
    public func requireRegular(_ path: String) throws(SystemCallError) {
        guard kind != .regular else { return }
        throw SystemCallError("read", path, errorNumber: kind == .folder ? EISDIR : ESPIPE)
    }

    private init(_ status: clinux_status) {
        device = status.device
        inode = status.inode
        birth = status.birth_ns == Int64.min ? nil : status.birth_ns
        modified = status.modified_ns
        size = status.size
        links = status.links
        switch status.mode & UInt32(S_IFMT) {
        case UInt32(S_IFREG): kind = .regular
        case UInt32(S_IFDIR): kind = .folder
        case UInt32(S_IFIFO): kind = .pipe
        case UInt32(S_IFSOCK): kind = .socket
        case UInt32(S_IFCHR), UInt32(S_IFBLK): kind = .device
        default: kind = .other
        }
    }
}
