import Glibc

/// A supervisor's end of sd_notify(3): a datagram socket.
final class NotifyListener {
    private let number: Int32
    private var assignments: [String] = []

    /// Listens at `path`.
    init(_ path: String) throws {
        number = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        // SAFETY: the copy stops at the end of the shorter of the two, before the last zero byte.
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { field in
            unsafe field.dropLast().copyBytes(from: path.utf8)
        }
        // SAFETY: every socket address begins as a sockaddr does; it is used during the call only.
        let result = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                unsafe bind(number, address, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard result == 0 else { throw Unbound(path: path, errorNumber: errno) }
    }

    struct Unbound: Error {
        let path: String
        let errorNumber: Int32
    }

    deinit {
        close(number)
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
