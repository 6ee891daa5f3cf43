import Foundation
import TestSupport
import Testing

/// Killed at any moment while a writer appends and rotates, logtail ends with the rows of a run
/// that was never interrupted.
@Suite(.workspaces, .serialized)
struct CrashTests {
    @Test func `a hundred kills while the log is written and rotated lose and double nothing`()
        throws
    {
        var generator = SeededGenerator()
        let workspace = try Workspace()
        let log = try RotatingLog(workspace, generator)
        let arguments = Self.options + [workspace.log]
        for _ in 0..<100 {
            let daemon = try LogtailBinary.start(arguments, in: workspace)
            // Some die before they have begun, most in the middle of something.
            if Int.random(in: 0..<4, using: &generator) > 0 { try daemon.ready() }
            for _ in 0..<Int.random(in: 0...24, using: &generator) {
                try log.step()
                // A pause between two writes.
                usleep(UInt32.random(in: 0...5_000, using: &generator))
            }
            #expect(try daemon.stop(SIGKILL) == .signal(SIGKILL), "\(daemon.errorLines)")
            for _ in 0..<Int.random(in: 0...6, using: &generator) { try log.step() }
        }
        try log.finish()
        let last = try LogtailBinary.run(arguments + ["--once"], in: workspace)
        #expect(last.process.exit == .code(0), "\(last.errorLines)")
        print("\(log.generations.count) generations")
        #expect(log.generations.count > 2)
        let lost = try TelemetryDatabase(workspace.database).details("missed_rotation")
        #expect(lost.isEmpty, "\(lost)")
        try Dump(workspace.database, path: workspace.log)
            .expectSame(as: Self.uninterrupted(log.generations))
        try Tool.compare(workspace.database, with: log.generations)
    }

    private static let options = ["--observer", "headroom", "--timezone", "UTC", "--from-start"]

    /// What one reading of all generations, laid out as siblings, leaves.
    private static func uninterrupted(_ generations: [String]) throws -> Dump {
        let workspace = try Workspace()
        for (index, generation) in generations.reversed().enumerated() {
            let name = index == 0 ? workspace.log : "\(workspace.log).\(index)"
            try FileManager.default.copyItem(atPath: generation, toPath: name)
        }
        let run = try LogtailBinary.run(options + ["--once", workspace.log], in: workspace)
        #expect(run.process.exit == .code(0), "\(run.errorLines)")
        return try Dump(workspace.database, path: workspace.log)
    }
}
