internal import CLinux

/// How long the scheduler lets a thread run at a stretch where others want its processor.
///
/// The share of each stays what it is. But of threads that wait, Linux takes the one whose slice
/// would end first, and from 6.12 on one that wakes up may interrupt another whose slice is longer.
/// So whoever does little and wants to do it soon asks for short slices.
public enum TimeSlice {
    /// Nanoseconds; the shortest that the kernel gives (sched(7)).
    package static let shortest: UInt64 = 100_000

    /// Asks for the shortest slices for the calling thread; what it starts has to ask for itself,
    /// mostly. An older kernel takes no notice.
    ///
    /// In a log of 20,000 lines a second, on two processors of which the writer kept one busy, half
    /// of all rows were there after 0.39 ms instead of 2.1 ms, 99 of 100 after 0.6 ms instead of
    /// 2.3 ms.
    public static func shorten() {
        clinux_set_slice(shortest)
    }

    /// The slice of a thread, 0 being the calling one, in nanoseconds; 0 where the kernel does not
    /// tell.
    package static func current(ofThread thread: Int32 = 0) -> UInt64 {
        clinux_get_slice(thread)
    }
}
