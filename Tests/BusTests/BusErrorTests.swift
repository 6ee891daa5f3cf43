import Glibc
import Syscalls
import Telemetry
import TestSupport
import Testing

@testable import Bus

struct BusErrorTests {
    @Test(arguments: [
        (ENOENT, "No such file or directory; let this user write there, or"),
        (EACCES, "Permission denied; let this user write there, or"),
        (ENOSPC, "No space left on device; make room, or"),
        (EIO, "Input/output error; try again, or"),
    ])
    func `a failed system call says which it was, why, and what to do`(
        number: Int32, reason: String
    ) {
        let error = SystemCallError("open", "/var/x", errorNumber: number)
        let text = "\(BusError.unable(to: "write to", "/var/x", error))"
        #expect(text == "unable to write to /var/x: open: \(reason) name another with --bus")
    }

    @Test(arguments: ["unix:/proc/nope/x", "file:/proc/nope/x"])
    func `a place that cannot be made is refused with advice`(url: String) throws {
        let folder = try TemporaryFolder()
        let log = MemoryLog()
        let surroundings = BusSurroundings(environment: [:], database: folder("t.sqlite"))
        let runner = try SinkRunner(
            try #require(try SinkPlan.make(url: url, surroundings)), positions: log,
            startingAt: 0, publication: .all, openLog: { log }, report: { _ in })
        let error = #expect(throws: BusError.self) { try runner.start() }
        let text = error.map { "\($0)" } ?? ""
        #expect(text.contains("/proc/nope/x: create folder: No such file or directory; let this"))
    }
}
