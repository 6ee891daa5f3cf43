import Glibc

/// A supervisor's end of sd_notify(3): a datagram socket.
final class NotifyListener {
    private let number: Int32
    private let path: String
    private var assignments: [String] = []

    /// Listens at `path`.
    init(_ path: String) throws {
        self.path = path
        number = Self.newSocket()
        // SAFETY: the address outlives the call, which is given its length.
        guard unsafe Self.withAddress(path, { unsafe bind(number, $0, $1) }) == 0 else {
            throw Unbound(path: path, errorNumber: errno)
        }
    }

    private static func newSocket() -> Int32 {
        socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
    }

    private static func withAddress(
        _ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        // SAFETY: the copy stops at the end of the shorter of the two, before the last zero byte.
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { field in
            unsafe field.dropLast().copyBytes(from: path.utf8)
        }
        // SAFETY: every socket address begins as a sockaddr does; it is used during the call only.
        return unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                unsafe body(address, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }

    struct Unbound: Error {
        let path: String
        let errorNumber: Int32
    }

    deinit {
        close(number)
    }

    /// Sends messages of its own until there is no room for another.
    func fill() {
        let sender = Self.newSocket()
        defer { close(sender) }
        // SAFETY: as above.
        _ = unsafe Self.withAddress(path) { unsafe connect(sender, $0, $1) }
        // SAFETY: the kernel reads the two bytes it is told of.
        while unsafe Glibc.send(sender, "X=", 2, 0) == 2 {}
    }

    /// Every assignment that was received so far, in order.
    var received: [String] {
        var buffer = [UInt8](repeating: 0, count: 4_096)
        while true {
            // SAFETY: the kernel writes at most the count it is given.
            let count = unsafe buffer.withUnsafeMutableBytes { buffer in
                unsafe recv(number, buffer.baseAddress, buffer.count, 0)
            }
            guard count > 0 else { return assignments }
            let text = String(decoding: buffer[..<count], as: UTF8.self)
            assignments += text.split(separator: "\n").map(String.init)
        }
    }
}
