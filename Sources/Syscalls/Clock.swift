internal import Glibc

/// The machine's clocks.
public enum Clock {
    /// Nanoseconds since 1970 by the wall clock, which may be set back and forth.
    public static var wall: Int64 { read(CLOCK_REALTIME) }

    /// Nanoseconds since some moment, never going back; stands still while the machine sleeps.
    public static var monotonic: Int64 { read(CLOCK_MONOTONIC) }

    /// Stands still for that long, or until a signal comes.
    public static func rest(nanoseconds: Int64) {
        var time = timespec(
            tv_sec: Int(nanoseconds / 1_000_000_000), tv_nsec: Int(nanoseconds % 1_000_000_000))
        // SAFETY: the call reads one time.
        unsafe nanosleep(&time, nil)
    }

    private static func read(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        // SAFETY: the call fills one time; it cannot fail for these clocks.
        unsafe clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
