internal import Glibc

/// The datagram socket a supervisor listens on: sd_notify(3), which needs no library.
public final class NotifySocket {
    private let socket: FileDescriptor
    private let address: [UInt8]

    /// The socket that `NOTIFY_SOCKET` names; nil where the variable is not set or of no use.
    public init?() {
        guard let path = Environment.value("NOTIFY_SOCKET"), let first = path.utf8.first,
            first == UInt8(ascii: "/") || first == UInt8(ascii: "@")
        else { return nil }
        var name = Array(path.utf8)
        // An abstract name begins with a zero byte (unix(7)); sd_notify writes it as @.
        if first == UInt8(ascii: "@") { name[0] = 0 }
        let number = Glibc.socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Self.closeOnExec, 0)
        guard number >= 0 else { return nil }
        socket = FileDescriptor(owning: number)
        // SAFETY: the bytes of the family are copied.
        address = unsafe withUnsafeBytes(of: sa_family_t(AF_UNIX)) { unsafe Array($0) } + name
    }

    // SOCK_CLOEXEC is part of an enumeration that Swift does not import as a mask.
    private static let closeOnExec: Int32 = 0o2000000

    /// Sends a message, and says whether it was taken: a supervisor that does not listen is no
    /// reason to stop, nor is one that listens and reads nothing.
    public func send(_ message: String) -> Bool {
        let bytes = Array(message.utf8)
        // SAFETY: both buffers outlive the call, and it is given their lengths.
        return unsafe address.withUnsafeBytes { address in
            let target = unsafe address.baseAddress?.assumingMemoryBound(to: sockaddr.self)
            return unsafe sendto(
                socket.number, bytes, bytes.count,
                Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT), target,
                socklen_t(address.count)) >= 0
        }
    }

    /// How often a sign of life is asked for, in microseconds; nil where it is not.
    public static var watchdogMicroseconds: Int64? {
        guard let text = Environment.value("WATCHDOG_USEC"), let value = Int64(text), value > 0
        else { return nil }
        if let pid = Environment.value("WATCHDOG_PID"), pid != String(getpid()) { return nil }
        return value
    }
}
