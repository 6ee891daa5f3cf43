import TestSupport
import Testing

/// Logs on a disk that fails.
@Suite(
    .workspaces,
    .enabled(if: Strace.isPossible, "strace is missing, or processes may not be traced"))
struct FailingDiskTests {
    private static let once = [
        "--observer", "headroom", "--timezone", "UTC", "--from-start", "--once",
    ]

    @Test(arguments: 1..<12)
    func `a log that cannot be read to its end is not said to be read`(place: Int) throws {
        let log = try FollowedLog()
        try log.write("a", "b")
        let run = try LogtailBinary.run(
            Self.once + [log.path], in: log.workspace,
            wrapper: Strace.inject("pread64", "error=EIO:when=\(place)+", paths: [log.path]))
        let isRead = try log.database().count("overhead") == 2
        #expect(run.process.exit == .code(isRead ? 0 : 66), "\(run.errorLines)")
        if !isRead {
            #expect(run.errorLines.last?.contains("\(log.path)") == true, "\(run.errorLines)")
            #expect(run.errorLines.last?.contains("Input/output error") == true)
        }
        let reasons = try log.database().details("tail_stopped").map { $0["reason"] as? String }
        #expect(!reasons.contains(isRead ? "not everything could be read" : "everything was read"))
        #expect(try log.run(["--from-start", "--once"]).process.exit == .code(0))
        try log.awaitRequests(["a", "b"])
    }

    @Test func `a disk that fails for some seconds is one notice, and nothing is lost`() throws {
        let log = try FollowedLog()
        try log.write("a")
        // A try each second makes two or three of them.
        let daemon = try log.start(
            ["--from-start"],
            wrapper: Strace.inject("pread64", "error=EIO:when=3..20", paths: [log.path]))
        try log.awaitRequests(["a"], within: .seconds(30))
        let reasons = try log.database().details("read_failed").map { $0["reason"] as? String }
        #expect(reasons == ["pread \(log.path): Input/output error"])
        #expect(try daemon.stop() == .code(0))
    }
}
