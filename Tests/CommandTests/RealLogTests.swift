import Foundation
import TestSupport
import Testing

/// Real logs read to their end: what is recorded is what an independent script works out.
@Suite(.workspaces)
struct RealLogTests {
    @Test(arguments: RealLog.all)
    func `a real log leaves the rows and distributions that the oracle expects`(
        log: RealLog
    ) throws {
        let workspace = try Workspace()
        let path = workspace.path(log.path)
        try workspace.write(log.bytes(), to: path)
        let run = try LogtailBinary.run(
            log.options + ["--from-start", "--once", path], in: workspace)
        #expect(run.process.exit == .code(0), "\(run.errorLines)")
        try Tool.compare(workspace.database, with: [path], log.options)
    }

    @Test func `the logs of two workers are two paths of one source`() throws {
        let workspace = try Workspace()
        for log in RealLog.workers {
            try workspace.write(log.bytes(), to: workspace.path(log.path))
        }
        let paths = RealLog.workers.map { workspace.path($0.path) }
        let options = RealLog.workers[0].options
        let run = try LogtailBinary.run(
            options + ["--from-start", "--once", workspace.path("proxy-[0-9]*.log")],
            in: workspace)
        #expect(run.process.exit == .code(0), "\(run.errorLines)")
        try Tool.compare(workspace.database, with: paths, options + ["--separate"])
    }

    @Test func `thresholds and the rules of episodes can be chosen`() throws {
        let workspace = try Workspace()
        try workspace.write(RealLog.large.bytes(), to: workspace.log)
        let options = [
            "--threshold-ms", "120.5", "--stall-ms", "700", "--quiet-ms", "80", "--lateness-ms",
            "0", "--max-episode-ms", "4000",
        ]
        let run = try LogtailBinary.run(
            RealLog.large.options + options + ["--from-start", "--once", workspace.log],
            in: workspace)
        #expect(run.process.exit == .code(0), "\(run.errorLines)")
        try Tool.compare(workspace.database, with: [workspace.log], options)
    }

    @Test func `a second reading of everything adds nothing`() throws {
        let workspace = try Workspace()
        try workspace.write(RealLog.small.bytes(), to: workspace.log)
        let arguments = RealLog.small.options + ["--from-start", "--once", workspace.log]
        _ = try LogtailBinary.run(arguments, in: workspace)
        let first = try Dump(workspace.database, path: workspace.log)
        #expect(!first.events.isEmpty)
        _ = try LogtailBinary.run(arguments, in: workspace)
        try Dump(workspace.database, path: workspace.log).expectSame(as: first)
    }
}
