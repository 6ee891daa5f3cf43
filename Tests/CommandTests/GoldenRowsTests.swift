import Foundation
import TestSupport
import Testing

/// The contract of what is recorded: real lines of each upstream and version in, expected rows
/// and distributions out.
///
/// `LOGTAIL_RECORD=1` writes the expected rows anew, and fails.
@Suite(.workspaces)
struct GoldenRowsTests {
    @Test(arguments: RealLog.all)
    func `a real log leaves the rows it has always left`(_ log: RealLog) throws {
        let workspace = try Workspace()
        let path = workspace.path(log.path)
        try workspace.write(log.bytes(), to: path)
        let run = try LogtailBinary.run(
            log.options + ["--from-start", "--once", path], in: workspace)
        #expect(run.process.exit == .code(0), "\(run.errorLines)")
        let dump = try Dump(workspace.database, path: path)
        let found =
            (["events"] + dump.events + ["latency"] + dump.latency)
            .joined(separator: "\n") + "\n"

        let golden = URL(fileURLWithPath: log.expectedRows)
        if ProcessInfo.processInfo.environment["LOGTAIL_RECORD"] == "1" {
            try Data(found.utf8).write(to: golden)
            Issue.record("recorded \(golden.path)")
        }
        let expected = try String(contentsOf: golden, encoding: .utf8)
        let pairs = zip(
            found.split(separator: "\n", omittingEmptySubsequences: false),
            expected.split(separator: "\n", omittingEmptySubsequences: false))
        for (found, expected) in pairs { #expect(found == expected) }
        #expect(found.utf8.count == expected.utf8.count)
    }
}

extension RealLog {
    /// Where its expected rows lie, beside its expected observations.
    fileprivate var expectedRows: String {
        let name = files[0].replacing(".log.gz", with: "").replacing(".log", with: "")
        return "\(Self.root)/Tests/GoldenFixtures/\(observer)/\(name).rows"
    }
}
