import Foundation
import Syscalls
import Testing

/// What a poller and a flag promise to the loops that wait on them.
struct PollerTests {
    @Test func `a raised flag wakes a waiter, and a lowered one does not`() throws {
        let poller = try Poller()
        let flag = try EventFlag()
        try poller.add(flag.number, .read)
        func isReady() throws -> Bool {
            var isReady = false
            try poller.wait(milliseconds: 0) { number, readiness in
                isReady = number == flag.number && readiness.contains(.read)
            }
            return isReady
        }
        #expect(try !isReady())
        flag.raise()
        flag.raise()
        #expect(try isReady())
        flag.lower()
        #expect(try !isReady())
        flag.raise()
        poller.remove(flag.number)
        #expect(try !isReady())
    }

    @Test func `the monotonic clock does not go back, and a rest takes its time`() {
        let before = Clock.monotonic
        Clock.rest(nanoseconds: 2_000_000)
        #expect(Clock.monotonic - before >= 2_000_000)
        #expect(abs(Double(Clock.wall) / 1e9 - Date().timeIntervalSince1970) < 5)
    }

    @Test func `a local file system tells of changes`() {
        #expect(FileSystem.silentName(at: "/tmp") == nil)
        #expect(FileSystem.silentName(at: "/nonexistent/folder") == nil)
    }
}
