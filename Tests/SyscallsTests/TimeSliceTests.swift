import Synchronization
import TestSupport
import Testing

@testable import Syscalls

struct TimeSliceTests {
    /// Slices of a thread that asked for the shortest ones, and of one that it started.
    private static func slices() throws -> (own: UInt64, started: UInt64) {
        let found = Mutex<(own: UInt64, started: UInt64)?>(nil)
        let done = try EventFlag()
        try BackgroundThread.start("asks", stackBytes: 128 * 1_024) {
            TimeSlice.shorten()
            let own = TimeSlice.current
            try? BackgroundThread.start("is started", stackBytes: 128 * 1_024) {
                found.withLock { $0 = (own, TimeSlice.current) }
                done.raise()
            }
        }
        done.wait(milliseconds: 10_000)
        return try #require(found.withLock { $0 })
    }

    @Test func `a thread gets the shortest slices, and what it starts gets ordinary ones`() throws {
        let before = TimeSlice.current
        try #require(before != TimeSlice.shortest)
        let slices = try Self.slices()
        // Before 6.12 the kernel knows of no slices of one's own.
        #expect(slices.own == (before == 0 ? 0 : TimeSlice.shortest))
        #expect(slices.started == before)
    }
}
