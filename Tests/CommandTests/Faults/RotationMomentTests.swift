import Foundation
import TestSupport
import Testing

/// A log that is rotated while a daemon that has read of it before finds its way back.
@Suite(
    .workspaces,
    .enabled(if: Strace.isPossible, "strace is missing, or processes may not be traced"))
struct RotationMomentTests {
    @Test(arguments: 1...8, [true, false])
    func `nothing is lost or doubled at any moment`(place: Int, isTruncated: Bool) throws {
        let log = try FollowedLog()
        try log.write("a", "b")
        #expect(try log.run(["--from-start", "--once"]).process.exit == .code(0))
        try log.write("c")
        let trace = log.workspace.newPath("trace")
        let daemon = try LogtailBinary.start(
            ["--observer", "headroom", "--timezone", "UTC", log.path], in: log.workspace,
            wrapper: Strace.inject(
                "pread64", "signal=STOP:when=\(place)", paths: [log.path], to: trace))
        try eventually("the daemon stands still, or read on before it came so far") {
            try String(contentsOfFile: trace, encoding: .utf8).contains("stopped by SIGSTOP")
                || log.database().count("overhead") == 3
        }
        if isTruncated {
            try FileManager.default.copyItem(atPath: log.path, toPath: log.path + ".1")
            try log.truncate()
        } else {
            try log.rotate()
        }
        daemon.process.send(SIGCONT)
        try log.write("d", "e", "f")
        try log.awaitRequests(["a", "b", "c", "d", "e", "f"])
        #expect(try daemon.stop() == .code(0))
        try log.awaitRequests(["a", "b", "c", "d", "e", "f"])
    }
}
