internal import CLinux
internal import Glibc

/// A flag that one thread raises and another waits for in a ``Poller``: eventfd(2).
public final class EventFlag: Sendable {
    private let descriptor: FileDescriptor

    /// A lowered flag.
    public init() throws(SystemCallError) {
        descriptor = FileDescriptor(
            owning: try retrying("eventfd") {
                eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
            })
    }

    /// The number to wait for.
    public var number: Int32 { descriptor.number }

    /// Raises the flag; raising it again before it is lowered changes nothing.
    public func raise() {
        // The only failure is EAGAIN at 2⁶⁴ − 2 raises, when the flag is up anyway.
        _ = eventfd_write(descriptor.number, 1)
    }

    /// Waits until the flag is up, the descriptor `other` can be read, or `milliseconds` have
    /// passed (nil: for ever); true where `other` can be. A signal ends the wait early.
    @discardableResult
    public func wait(milliseconds: Int32?, or other: Int32? = nil) -> Bool {
        // A negative number is passed over (poll(2)).
        var requests = [descriptor.number, other ?? -1].map { number in
            pollfd(fd: number, events: Int16(POLLIN), revents: 0)
        }
        // SAFETY: the kernel reads and writes as many requests as it is told of.
        let count = unsafe poll(&requests, nfds_t(requests.count), milliseconds ?? -1)
        return count > 0 && requests[1].revents != 0
    }

    /// Lowers the flag.
    public func lower() {
        var value: eventfd_t = 0
        // SAFETY: eventfd_read writes one value; it fails with EAGAIN where the flag was down.
        _ = unsafe eventfd_read(descriptor.number, &value)
    }
}
