import Foundation
import TestSupport
import Testing

/// How commits reach the disk.
@Suite(
    .workspaces,
    .enabled(if: Strace.isPossible, "strace is missing, or processes may not be traced"))
struct CommitWriteTests {
    /// A page of the write-ahead log and the header before it.
    private static let frame = 4_096 + 24

    @Test func `a commit is one write, and a breach four pages`() throws {
        let workspace = try Workspace()
        let trace = workspace.path("trace")
        let log = try LogFile(workspace.log)
        let daemon = try LogtailBinary.start(
            ["--observer", "headroom", "--bus", "none", workspace.log], in: workspace,
            wrapper: Strace.recordBytes(of: [workspace.database + "-wal"], to: trace))
        try daemon.ready()
        let database = try TelemetryDatabase(workspace.database)
        var writer = HeadroomWriter(SeededGenerator())
        let breaches = 8
        for count in 1...breaches {
            try log.append(writer.request(total: 700, connect: nil))
            try eventually("breach \(count) is recorded") {
                try database.count("overhead") == count
            }
        }
        #expect(try daemon.stop() == .code(0))
        let sizes = try DiskRecord.writeSizes(trace)
        // The first begins a minute, and now and then one begins a page.
        #expect(sizes.count { $0 == 4 * Self.frame } > breaches / 2, "\(sizes)")
        // The others are the tables, what was said at start and end, and its positions.
        #expect(sizes.count < breaches + 12, "\(sizes)")
    }
}
