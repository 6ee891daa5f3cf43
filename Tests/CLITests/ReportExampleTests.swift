import Foundation
import TestSupport
import Testing

/// The example report is what this build draws.
@Suite struct ReportExampleTests {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../../examples/report").standardizedFileURL.path
    private static let hasPython = FileManager.default.isExecutableFile(atPath: "/usr/bin/python3")

    @Test(.enabled(if: hasPython, "python3 is not installed"))
    func `examples report make draws the page that is there`() throws {
        let folder = try TemporaryFolder()
        let result = try BuiltCommand.run(
            program: Self.folder + "/make", [BuiltCommand.path, folder("report.html")])
        #expect(result.status == 0, "\(result.errors)")
        let drawn = try String(contentsOfFile: folder("report.html"), encoding: .utf8)
        let kept = try String(contentsOfFile: Self.folder + "/report.html", encoding: .utf8)
        let isCurrent = drawn == kept
        #expect(isCurrent, "run examples/report/make with this build, and look at the page")
    }
}
