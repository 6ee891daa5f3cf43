import Foundation
import TestSupport
import Testing

/// What a database tells to programs that know nothing of logtail, about the log of the demo.
@Suite struct PlainSQLiteTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../..").standardizedFileURL.path
    private static let sqlite = "/usr/bin/sqlite3"
    private static let datasette = root + "/.build/datasette/bin/datasette"

    private static func isThere(_ program: String) -> Bool {
        FileManager.default.isExecutableFile(atPath: program)
    }

    /// A folder with the database of the demo's log.
    private func database() throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        let run = try BuiltCommand.run([
            "run", "--observer", "headroom", "--from-start", "--once", "--bus", "none",
            "--timezone", "UTC", "--db", folder("telemetry.sqlite"),
            Self.root + "/examples/headroom/proxy-8787.log.gz",
        ])
        #expect(run.status == 0, "\(run.errors)")
        return folder
    }

    @Test(.enabled(if: isThere(sqlite), "sqlite3 is not installed"))
    func `the queries in the README give what it shows`() throws {
        let folder = try database()
        let readme = try String(contentsOfFile: Self.root + "/README.md", encoding: .utf8)
        let example = /```sh\n(sqlite3 telemetry\.sqlite [^`]*)```\n\n```text\n([^`]*)```/
        let examples = readme.matches(of: example)
        #expect(examples.count >= 2)
        for example in examples {
            let result = try BuiltCommand.run(
                program: "/bin/sh", ["-c", "cd '\(folder.path)' && \(example.output.1)"])
            #expect(result.errors == "")
            #expect(result.output == example.output.2)
        }
    }

    @Test(.enabled(if: isThere(datasette), "datasette is not installed; make ci does"))
    func `datasette opens the database`() throws {
        let folder = try database()
        for (table, count) in [("events", 622), ("latency", 14), ("overhead_hourly", 1)] {
            let result = try BuiltCommand.run(
                program: Self.datasette,
                [
                    folder("telemetry.sqlite"), "--get",
                    "/telemetry/\(table).json?_shape=array&_size=max",
                ],
                environment: ["HOME": folder.path])
            #expect(result.status == 0, "\(result.errors)")
            let rows = try JSONSerialization.jsonObject(with: Data(result.output.utf8))
            #expect((rows as? [Any])?.count == count)
        }
    }
}
