import Foundation
import Testing

@testable import CLI

@Suite struct RemoteCommandTests {
    private func words(
        _ arguments: [String], host: String = "there", ssh: String? = nil,
        terminal: Terminal? = nil
    ) throws -> [String] {
        try RemoteCommand(host: host, ssh: ssh, arguments: arguments, terminal: terminal).words
    }

    @Test func `the same arguments go there, without the host`() throws {
        #expect(
            try words(["events", "--host", "there", "--since", "2h", "-n", "5"]) == [
                "ssh", "--", "there", "logtail events --since 2h -n 5",
            ])
        #expect(
            try words(["stats", "--json", "--host=me@there"], host: "me@there") == [
                "ssh", "--", "me@there", "logtail stats --json",
            ])
    }

    @Test func `the command that connects can be another, with options`() throws {
        #expect(
            try words(["status"], ssh: " ssh  -p 2222 ") == [
                "ssh", "-p", "2222", "--", "there", "logtail status",
            ])
        #expect(try words(["status"], ssh: "")[0] == "ssh")
    }

    @Test func `a terminal here is told there`() throws {
        let terminal = Terminal(width: 90, isColoured: true, hasBlocks: true)
        #expect(
            try words(["stats"], terminal: terminal).last
                == "env COLUMNS=90 CLICOLOR_FORCE=1 TERM=xterm LC_ALL=C.UTF-8 logtail stats")
        #expect(
            try words(["stats"], terminal: Terminal(width: nil, isColoured: false)).last
                == "logtail stats")
    }

    @Test(arguments: ["-oProxyCommand=id", "-", "", "me@", "me@-oProxyCommand=id", "a b", "a\nb"])
    func `what ssh would not take as a host is refused`(host: String) {
        let error = #expect(throws: CommandFailure.self) { try words(["stats"], host: host) }
        #expect(error?.status == .usage)
    }

    @Test(arguments: ["/bin/sh", "/bin/bash"])
    func `every argument reaches the program behind the shell as it is`(shell: String) throws {
        let nasty = [
            "", " ", "a b", "'", "''", "\"", "\\", "\\'", "$HOME", "$(id)", "`id`", "; id", "&",
            "|", ">", "<", "*", "?", "[a]", "{a,b}", "~", "~root", "#x", "!x", "a\nb", "\t", "=x",
            "a=b", "ü", "2026-06-13 10:55", "-", "--", "%s",
        ]
        let line = nasty.map(RemoteCommand.quoted).joined(separator: " ")
        let result = try BuiltCommand.run(
            program: shell, ["-c", "printf '<%s>' " + line])
        #expect(result.output == nasty.map { "<\($0)>" }.joined())
    }
}
