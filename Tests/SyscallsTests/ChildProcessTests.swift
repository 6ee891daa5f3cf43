import Foundation
import Glibc
import Syscalls
import Testing

struct ChildProcessTests {
    @Test(arguments: [
        ("exit 0", ChildProcess.End.exited(0)), ("exit 3", .exited(3)),
        ("no-such-command-at-all", .exited(127)), ("kill -TERM $$", .killed(signal: SIGTERM)),
        (#"test "$1" = "a b'c" && test $# = 1"#, .exited(0)),
    ])
    func `a command ends as the shell says`(script: String, end: ChildProcess.End) throws {
        let process = try ChildProcess(shellScript: script, argument: "a b'c")
        try wait(for: process)
        #expect(process.poll() == end)
        #expect(process.poll() == end)
    }

    @Test func `one that is killed has ended`() throws {
        let process = try ChildProcess(shellScript: "exec tail -f /dev/null", argument: "")
        #expect(process.poll() == nil)
        process.kill()
        #expect(process.poll() == .killed(signal: SIGKILL))
    }

    /// Waits until the command's descriptor is ready.
    private func wait(for process: ChildProcess) throws {
        let poller = try Poller(capacity: 1)
        try poller.add(process.number, .read)
        var isReady = false
        try poller.wait(milliseconds: 10_000) { _, _ in isReady = true }
        try #require(isReady)
    }
}
