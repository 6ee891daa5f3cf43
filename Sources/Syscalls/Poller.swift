internal import CLinux
internal import Glibc

/// Waits for descriptors to become ready: epoll(7).
@safe public final class Poller {
    /// What a descriptor is ready for.
    public struct Readiness: OptionSet, Sendable {
        /// The kernel's bits.
        public let rawValue: UInt32

        /// A set of the kernel's bits.
        public init(rawValue: UInt32) {
            self.rawValue = rawValue
        }

        /// Something can be read, or the other end is gone.
        public static let read = Readiness(rawValue: UInt32(EPOLLIN.rawValue))
        /// Something can be written.
        public static let write = Readiness(rawValue: UInt32(EPOLLOUT.rawValue))
        /// The other end is gone; always reported.
        public static let hangup = Readiness(
            rawValue: UInt32(EPOLLHUP.rawValue) | UInt32(EPOLLERR.rawValue))
    }

    private let epoll: FileDescriptor
    // SAFETY: of the union in an event only the descriptor number is ever written or read.
    private var events: [epoll_event]

    /// A poller that reports at most `capacity` descriptors a wait.
    public init(capacity: Int = 64) throws(SystemCallError) {
        epoll = FileDescriptor(
            owning: try retrying("epoll_create1") { epoll_create1(Int32(EPOLL_CLOEXEC)) })
        // SAFETY: an epoll_event is plain memory, all zero here.
        unsafe events = unsafe Array(repeating: epoll_event(), count: capacity)
    }

    /// Watches a descriptor, level-triggered; reports carry its number.
    public func add(_ number: Int32, _ readiness: Readiness) throws(SystemCallError) {
        try control(EPOLL_CTL_ADD, number, readiness)
    }

    /// Changes what a watched descriptor is watched for.
    public func modify(_ number: Int32, _ readiness: Readiness) throws(SystemCallError) {
        try control(EPOLL_CTL_MOD, number, readiness)
    }

    /// Stops watching a descriptor, before it is closed.
    public func remove(_ number: Int32) {
        _ = try? control(EPOLL_CTL_DEL, number, [])
    }

    /// Waits until something is ready or `milliseconds` have passed (nil: for ever), then calls
    /// `body` with each ready descriptor. A signal ends the wait early, as does being continued
    /// after a stop; what is ready by then is told.
    public func wait(
        milliseconds: Int32?, _ body: (_ number: Int32, _ readiness: Readiness) -> Void
    ) throws(SystemCallError) {
        var limit = milliseconds ?? -1
        var count: Int32
        repeat {
            // SAFETY: the kernel writes at most the count of events it is given.
            count = unsafe events.withUnsafeMutableBufferPointer { buffer in
                unsafe epoll_wait(epoll.number, buffer.baseAddress, Int32(buffer.count), limit)
            }
            limit = 0
        } while count < 0 && errno == EINTR
        guard count >= 0 else { throw SystemCallError("epoll_wait") }
        for index in 0..<Int(count) {
            let event = unsafe events[index]
            unsafe body(event.data.fd, Readiness(rawValue: event.events))
        }
    }

    private func control(
        _ operation: Int32, _ number: Int32, _ readiness: Readiness
    ) throws(SystemCallError) {
        var event = unsafe epoll_event(
            events: readiness.rawValue, data: epoll_data_t(fd: number))
        _ = try retrying("epoll_ctl") { unsafe epoll_ctl(epoll.number, operation, number, &event) }
    }
}
