import Foundation
import TestSupport
import Testing

@testable import CLI

/// `--host` through a real ssh to a real sshd.
@Suite(.serialized, .enabled(if: LocalSSHServer.isAvailable)) struct RemoteHostTests {
    private let server: LocalSSHServer
    private let rows: LatencyRows

    init() throws {
        server = try LocalSSHServer()
        rows = try LatencyRows()
        try rows.add([4, 700], minute: 0, source: "it's \"$HOME\" here")
    }

    private func run(
        _ arguments: [String], environment: [String: String] = [:]
    ) throws -> BuiltCommand.Result {
        try BuiltCommand.run(
            arguments, environment: ["LOGTAIL_SSH": server.command].merging(environment) { $1 })
    }

    @Test func `the answer is that of the other machine, streams and exit code included`() throws {
        let queries = [
            ["stats", "--json"], ["stats", "--source", "it's \"$HOME\" here", "--by", "hour"],
            ["stats", "--source", "nobody"], ["events", "--json"],
            ["events", "--csv", "--since", "2026-06-13 08:00"], ["status", "--json"],
        ]
        for query in queries {
            let here = try run(query + ["--db", rows.path])
            let there = try run(query + ["--db", rows.path, "--host", "there"])
            #expect(there.output == here.output, "\(query)")
            #expect(there.errors == here.errors, "\(query)")
            #expect(there.status == 0)
        }
        let missing = try run(["stats", "--host=there", "--db", rows.folder("none.sqlite")])
        #expect(missing.status == 66)
        #expect(missing.errors.contains(rows.folder("none.sqlite")))
        #expect(missing.output == "")
    }

    @Test func `a page is made there and written here, or nothing is`() throws {
        let window = ["--since", "2026-06-13T08:00Z", "--until", "2026-06-13T09:00Z", "--utc"]
        let query = ["report", "--db", rows.path] + window
        // The page tells when it was made, on a line that has a time of day with seconds.
        func page(_ text: String) -> String { text.replacing(/\d\d:\d\d:\d\d/, with: "") }
        let here = try run(query + ["-o", "-"])
        #expect(here.output.hasPrefix("<!doctype html>"))
        let there = try run(query + ["-o", "-", "--host", "there"])
        #expect(page(there.output) == page(here.output))
        let file = rows.folder("page.html")
        for output in [["-o", file], ["--output=\(file)"]] {
            let written = try run(query + output + ["--host", "there"])
            #expect(written.status == 0, "\(written.errors)")
            #expect(written.output == "")
            let found = try String(contentsOfFile: file, encoding: .utf8)
            #expect(page(found) == page(here.output))
            try FileManager.default.removeItem(atPath: file)
        }
        let unwritable = try run(query + ["-o", rows.folder.path, "--host", "there"])
        #expect(unwritable.status == 73)

        let missing = ["report", "--db", rows.folder("none.sqlite"), "-o", file, "--host", "there"]
        #expect(try run(missing).status == 66)
        #expect(try run(["report", "-o", file, "--host", "nowhere.invalid"]).status == 255)
        #expect(!FileManager.default.fileExists(atPath: file))

        _ = try run(["prune", "--db", rows.path, "--keep-days", "0.0000001"])
        let incomplete = try run(query + ["-o", file, "--host", "there"])
        #expect(incomplete.status == 3)
        #expect(incomplete.errors.contains("the answer is incomplete"))
        let left = try String(contentsOfFile: file, encoding: .utf8)
        #expect(left.contains("removed by retention"))
    }

    @Test func `a host that cannot be reached is ssh's to tell`() throws {
        let result = try run(["stats", "--host", "nowhere.invalid"])
        #expect(result.status == 255)
        #expect(result.errors.contains("nowhere.invalid"))
    }

    @Test(arguments: [["status"], ["report", "-o", "/nowhere/page.html"]])
    func `no ssh is told, with what to do`(command: [String]) throws {
        let result = try run(
            command + ["--host", "there"], environment: ["LOGTAIL_SSH": "/nowhere/ssh -v"])
        #expect(result.status == 1)
        #expect(
            result.errors
                == "logtail: unable to run /nowhere/ssh: No such file or directory; "
                + "install openssh-client, or name another command in LOGTAIL_SSH\n")
    }
}
