import Foundation
import TestSupport
import Testing

@testable import CLI

/// What the built command says of arguments that are wrong: one line that says what, why and what
/// to do, and the code 64.
@Suite struct UsageTests {
    /// The line that arguments are refused with.
    private func refusal(_ arguments: [String]) throws -> String {
        let result = try BuiltCommand.run(arguments)
        #expect(result.status == 64, "\(result.errors)")
        #expect(result.output == "")
        #expect(result.errors.hasPrefix("logtail: "))
        #expect(result.errors.filter(\.isNewline).count == 1, "\(result.errors)")
        return String(result.errors.dropFirst("logtail: ".count).dropLast())
    }

    // MARK: One line

    @Test func `values that are accepted are listed on the same line`() throws {
        let kind = try refusal(["events", "--kind", "foo"])
        #expect(kind.contains(": overhead, stall_episode, tail_started, "))
        #expect(kind.hasSuffix(", observer_drift, observer_recovered; see 'logtail events --help'"))
        let format = try refusal(["--observer", "headroom", "--log-format", "foo", "x.log"])
        #expect(format.hasSuffix("one of 'text' and 'json'; see 'logtail run --help'"))
    }

    @Test func `what else could be meant is on the same line`() throws {
        #expect(
            try refusal(["--obsever", "headroom"])
                == "Unknown option '--obsever'. Did you mean '--observer'? "
                + "See 'logtail run --help'")
        _ = try refusal(["report", "-op5"])
    }

    @Test func `a name with the end of a line in it is told on one line`() throws {
        let result = try BuiltCommand.run(["check", "--observer", "headroom", "/no\nwhere"])
        #expect(result.status == 66)
        #expect(result.errors.hasPrefix(#"logtail: unable to check /no\nwhere: "#))
        #expect(result.errors.filter(\.isNewline).count == 1)
    }

    // MARK: Commands

    @Test(arguments: [
        ["evnets"], ["evnets", "--since", "2h"], ["run", "evnets"], ["evnets", "--once"],
    ])
    func `a misspelt command is not taken for a path`(arguments: [String]) throws {
        #expect(
            try refusal(arguments)
                == "unknown command or file 'evnets'; commands are run, events, stats, report, "
                + "status, check, observers, prune")
    }

    @Test func `a word that can be a path is one`() throws {
        let folder = try TemporaryFolder()
        for path in ["x.log", "logs/x", "x*", folder("")] {
            #expect(try refusal([path]).hasPrefix("--observer is missing: name one of"))
        }
        #expect(LogtailCommand.unknownCommand(in: ["evnets"]) != nil)
        #expect(LogtailCommand.unknownCommand(in: ["evnets", "--observer=headroom"]) == nil)
        // A log that does not exist yet is what a daemon may be started with.
        let run = try BuiltCommand.run([
            "evnets", "--observer", "headroom", "--once", "--bus", "none", "--db",
            folder("t.sqlite"),
        ])
        #expect(run.status == 66)
        #expect(run.errors.contains("/evnets: no such file; name an existing one"))
    }
}
