internal import CLinux
internal import Glibc

/// Signals as something to read: signalfd(2).
public final class Signals {
    /// A signal that the loop handles.
    public enum Signal: Sendable {
        /// SIGTERM or SIGINT.
        case stop
        /// SIGHUP.
        case reload
    }

    private let descriptor: FileDescriptor

    /// Takes SIGTERM, SIGINT and SIGHUP away from their default actions, and ignores SIGPIPE and
    /// SIGXFSZ, since a write tells what they do. To be made before any thread is started, so that
    /// all of them inherit the mask.
    public init() throws(SystemCallError) {
        for signal in [SIGPIPE, SIGXFSZ] { _ = Glibc.signal(signal, SIG_IGN) }
        var set = Self.handled
        // SAFETY: the set is filled; the calls read it.
        descriptor = FileDescriptor(
            owning: try retrying("signalfd") {
                unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
                return unsafe signalfd(-1, &set, Int32(SFD_CLOEXEC) | Int32(SFD_NONBLOCK))
            })
    }

    /// The number to wait for.
    public var number: Int32 { descriptor.number }

    /// The next signal that came, if one did.
    public func next() throws(SystemCallError) -> Signal? {
        var record = [UInt8](repeating: 0, count: MemoryLayout<signalfd_siginfo>.size)
        guard let count = try descriptor.read(into: &record), count == record.count else {
            return nil
        }
        // The record begins with the signal's number (signalfd(2)); all handled ones are < 256.
        return Int32(record[0]) == SIGHUP ? .reload : .stop
    }

    /// Makes SIGTERM and SIGINT end the process at once and in good order (status 0), for a
    /// command that goes on until it is stopped and has nothing to put away.
    public static func exitWhenStopped() {
        for signal in [SIGTERM, SIGINT] {
            _ = Glibc.signal(signal) { _ in _exit(0) }
        }
    }

    /// Gives the signals their default actions back: the next one ends the process at once.
    public func release() {
        var set = Self.handled
        // SAFETY: the set is filled; the call reads it.
        unsafe pthread_sigmask(SIG_UNBLOCK, &set, nil)
    }

    private static var handled: sigset_t {
        var set = sigset_t()
        // SAFETY: the calls fill and change the set they are given.
        unsafe sigemptyset(&set)
        for signal in [SIGTERM, SIGINT, SIGHUP] {
            // SAFETY: as above.
            unsafe sigaddset(&set, signal)
        }
        return set
    }
}
