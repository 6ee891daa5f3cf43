import Synchronization
import TestSupport
import Testing

@testable import Syscalls

struct TimeSliceTests {
    /// The slices of a thread before and after it asked for the shortest ones, and of one that it
    /// started then; in nanoseconds.
    private struct Slices: Sendable {
        let before: UInt64
        let after: UInt64
        let started: UInt64
    }

    private static func measure() throws -> Slices {
        let found = Mutex<Slices?>(nil)
        let done = try EventFlag()
        try BackgroundThread.start("asks", stackBytes: 128 * 1_024) {
            let before = TimeSlice.current()
            TimeSlice.shorten()
            let after = TimeSlice.current()
            try? BackgroundThread.start("is started", stackBytes: 128 * 1_024) {
                let started = TimeSlice.current()
                found.withLock { $0 = Slices(before: before, after: after, started: started) }
                done.raise()
            }
        }
        done.wait(milliseconds: 10_000)
        return try #require(found.withLock { $0 })
    }

    @Test(.enabled(if: Scheduling.isUsual, "the tests are not scheduled as usual"))
    func `a thread gets the shortest slices, and what it starts gets ordinary ones`() throws {
        let slices = try Self.measure()
        #expect(slices.before != TimeSlice.shortest)
        // Before 6.12 the kernel knows of no slices of one's own.
        #expect(slices.after == (slices.before == 0 ? 0 : TimeSlice.shortest))
        #expect(slices.started == slices.before)
    }
}
