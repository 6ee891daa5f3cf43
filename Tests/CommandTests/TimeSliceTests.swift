import Foundation
import Syscalls
import TestSupport
import Testing

/// How the scheduler is asked to treat the daemon.
@Suite(.workspaces)
struct TimeSliceTests {
    @Test(
        .enabled(if: Scheduling.isUsual, "the tests are not scheduled as usual"),
        .enabled(if: TimeSlice.current() != 0, "this kernel gives no slices of one's own"))
    func `the loop and its sinks have the shortest slices`() throws {
        let workspace = try Workspace()
        let daemon = try LogtailBinary.start(
            ["--observer", "headroom", "--bus", "unix:\(workspace.socket)", workspace.log],
            in: workspace)
        try daemon.ready()
        let pid = daemon.process.pid
        let tasks = "/proc/\(pid)/task"
        let threads = try FileManager.default.contentsOfDirectory(atPath: tasks)
        let asking = try threads.filter { thread in
            let name = try String(contentsOfFile: "\(tasks)/\(thread)/comm", encoding: .utf8)
            return thread == "\(pid)" || name.hasPrefix("sink ")
        }
        #expect(asking.count == 2)
        for thread in asking {
            let slice = TimeSlice.current(ofThread: try #require(Int32(thread)))
            #expect(slice == TimeSlice.shortest)
        }
        #expect(try daemon.stop() == .code(0))
    }
}
