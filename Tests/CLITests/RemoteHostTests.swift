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

    @Test func `a host that cannot be reached is ssh's to tell`() throws {
        let result = try run(["stats", "--host", "nowhere.invalid"])
        #expect(result.status == 255)
        #expect(result.errors.contains("nowhere.invalid"))
    }

    @Test func `no ssh is told, with what to do`() throws {
        let result = try run(
            ["status", "--host", "there"], environment: ["LOGTAIL_SSH": "/nowhere/ssh -v"])
        #expect(result.status == 1)
        #expect(
            result.errors
                == "logtail: unable to run /nowhere/ssh: No such file or directory; "
                + "install openssh-client, or name another command in LOGTAIL_SSH\n")
    }
}
