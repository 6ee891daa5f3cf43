import Foundation
import Synchronization
import Syscalls
import Testing

struct BackgroundThreadTests {
    @Test func `it runs under its name with every signal blocked`() throws {
        let done = try EventFlag()
        let box = StatusBox()
        try BackgroundThread.start("a name of more than 15 bytes", stackBytes: 256 * 1_024) {
            let text = try? String(contentsOfFile: "/proc/thread-self/status", encoding: .utf8)
            box.status.withLock { $0 = text ?? "" }
            done.raise()
        }
        done.wait(milliseconds: 10_000)
        let lines = box.status.withLock { $0 }.split(separator: "\n")
        #expect(lines.contains("Name:\ta name of more "))
        let blocked = try #require(lines.first { $0.hasPrefix("SigBlk:\t") })
        // All but SIGKILL, SIGSTOP and the two that the C library keeps to itself.
        let mask = try #require(UInt64(blocked.dropFirst("SigBlk:\t".count), radix: 16))
        for signal in [1, 2, 3, 13, 15] { #expect(mask & (1 << (signal - 1)) != 0) }
    }
}

/// What the thread found out about itself.
private final class StatusBox: Sendable {
    let status = Mutex("")
}
