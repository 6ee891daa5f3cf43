internal import CLinux
internal import Glibc

/// One end of a stream between two processes of a machine, never blocking: unix(7).
public struct UnixSocket: ~Copyable, Sendable {
    /// Bytes of the longest path: what `sun_path` holds, less its closing zero (unix(7)).
    public static let maximumPathBytes = 107

    /// What answers at a path.
    public enum Answer: Sendable {
        /// A server that listens.
        case server
        /// A socket that nobody listens on any more.
        case nobody
        /// Nothing: there is no file.
        case missing
        /// A file that is no socket.
        case otherFile
    }

    private let descriptor: FileDescriptor

    private init(owning number: Int32) {
        descriptor = FileDescriptor(owning: number)
    }

    /// The number to wait for.
    public var number: Int32 { descriptor.number }

    /// A server at `path`, in a folder that exists, with permissions 0660; nil where another
    /// server listens there. A socket that nobody listens on is replaced, any other file is not.
    public static func listen(at path: String) throws(SystemCallError) -> UnixSocket? {
        // Two servers that start at once must not both find the same dead socket and replace it.
        guard
            let folder = try? FileDescriptor(
                opening: Folder.parent(of: path), O_RDONLY | O_DIRECTORY)
        else { return try listenUnlocked(at: path) }
        let number = folder.number
        // No longer than a start-up lasts: in a folder like /tmp anyone may hold the lock.
        var attempts = 0
        while flock(number, LOCK_EX | LOCK_NB) != 0, attempts < 100 {
            attempts += 1
            usleep(1_000)
        }
        defer { _ = flock(folder.number, LOCK_UN) }
        return try listenUnlocked(at: path)
    }

    /// A stream to the server at `path`.
    public static func connect(to path: String) throws(SystemCallError) -> UnixSocket {
        let socket = try UnixSocket()
        let number = socket.number
        // SAFETY: the address is valid during the call and of that length.
        _ = try unsafe withAddress(path) { address, length throws(SystemCallError) in
            try retrying("connect", path) { unsafe Glibc.connect(number, address, length) }
        }
        return socket
    }

    /// Who listens at `path`, found out by connecting.
    public static func answer(at path: String) throws(SystemCallError) -> Answer {
        guard let status = try FileStatus(path: path) else { return .missing }
        guard status.kind == .socket else { return .otherFile }
        do {
            _ = try connect(to: path)
            return .server
        } catch {
            switch error.errorNumber {
            // The queue of connections is full, or the server speaks in datagrams.
            case EAGAIN, EPROTOTYPE: return .server
            case ECONNREFUSED: return .nobody
            case ENOENT: return .missing
            default: throw error
            }
        }
    }

    /// The next client of a server; nil where none waits, or the one that waited is gone.
    public func accept() throws(SystemCallError) -> UnixSocket? {
        let accepted = try retrying("accept", expecting: [EAGAIN, ECONNABORTED]) {
            clinux_accept(number)
        }
        return accepted.map { UnixSocket(owning: $0) }
    }

    /// Sends some of `bytes`, without SIGPIPE; nil where none can be taken now.
    public func send(_ bytes: Span<UInt8>) throws(SystemCallError) -> Int? {
        // SAFETY: the kernel reads at most the count it is given.
        try retrying("send", expecting: [EAGAIN]) {
            unsafe bytes.withUnsafeBytes { buffer in
                unsafe Glibc.send(
                    number, buffer.baseAddress, buffer.count, Int32(MSG_NOSIGNAL))
            }
        }
    }

    /// Receives into the beginning of `bytes`; 0 where the other end sends no more, nil where
    /// nothing is there yet.
    public func receive(into bytes: inout [UInt8]) throws(SystemCallError) -> Int? {
        try descriptor.read(into: &bytes)
    }

    /// Tells the other end that nothing more will be sent.
    public func endSending() {
        _ = shutdown(number, Int32(SHUT_WR))
    }

    /// Bytes of kernel memory that hold what was sent and not yet received (SIOCOUTQ, the same
    /// number as TIOCOUTQ); nil where the kernel does not say.
    public var unreceivedBytes: Int32? {
        var bytes: Int32 = 0
        // SAFETY: the kernel writes one integer.
        return unsafe ioctl(number, UInt(TIOCOUTQ), &bytes) == 0 ? bytes : nil
    }

    /// Lets the kernel hold as much more for the other end as the machine allows.
    public func raiseSendLimit() {
        // The kernel cuts this to net.core.wmem_max and doubles it (socket(7)).
        var limit = Int32.max / 2
        // SAFETY: the kernel reads one integer of that size.
        _ = unsafe setsockopt(
            number, SOL_SOCKET, SO_SNDBUF, &limit, socklen_t(MemoryLayout<Int32>.size))
    }

    private static func listenUnlocked(at path: String) throws(SystemCallError) -> UnixSocket? {
        let socket = try UnixSocket()
        if try !socket.bind(to: path) {
            switch try answer(at: path) {
            case .server: return nil
            case .otherFile: throw SystemCallError("bind", path, errorNumber: EEXIST)
            case .nobody, .missing: break
            }
            try Folder.remove(path)
            if try !socket.bind(to: path) { return nil }
        }
        // SAFETY: the path outlives the call.
        _ = try retrying("chmod", path) { unsafe chmod(path, 0o660) }
        let number = socket.number
        _ = try retrying("listen", path) { Glibc.listen(number, SOMAXCONN) }
        return socket
    }

    private init() throws(SystemCallError) {
        let kind =
            Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
            | Int32(SOCK_CLOEXEC.rawValue)
        self.init(owning: try retrying("socket") { socket(AF_UNIX, kind, 0) })
    }

    /// False where something is at the path already.
    private borrowing func bind(to path: String) throws(SystemCallError) -> Bool {
        let number = self.number
        // SAFETY: the address is valid during the call and of that length.
        let result = try unsafe Self.withAddress(path) { address, length throws(SystemCallError) in
            try retrying("bind", path, expecting: [EADDRINUSE]) {
                unsafe Glibc.bind(number, address, length)
            }
        }
        return result != nil
    }

    private static func withAddress<Result>(
        _ path: String,
        _ body: (UnsafePointer<sockaddr>, socklen_t) throws(SystemCallError) -> Result
    ) throws(SystemCallError) -> Result {
        guard path.utf8.count <= maximumPathBytes else {
            throw SystemCallError("use the path", path, errorNumber: ENAMETOOLONG)
        }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        // SAFETY: the path was checked to leave room for its closing zero, which is there.
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { field in
            unsafe field.copyBytes(from: path.utf8)
        }
        let length = socklen_t(MemoryLayout<sockaddr_un>.size)
        // SAFETY: every socket address begins as a sockaddr does; it is used during the call only.
        return try unsafe withUnsafePointer(to: &address) {
            pointer throws(SystemCallError) -> Result in
            try unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                address throws(SystemCallError) -> Result in
                try unsafe body(address, length)
            }
        }
    }
}
