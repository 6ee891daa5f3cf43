import ArgumentParser
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

    @Test func `a level at which nothing is told is none`() throws {
        #expect(
            try refusal(["--observer", "headroom", "--log-level", "debug", "x.log"])
                .contains("one of 'info', 'warning' or 'error'; see"))
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

    // MARK: Values

    /// Values that are refused: the option and the value, and what is said to be accepted.
    static let values: [(arguments: [String], accepted: String)] = [
        (["run", "--threshold-ms", "-5"], "a number above 0"),
        (["run", "--stall-ms", "0"], "a number above 0"),
        (["run", "--quiet-ms", "nan"], "a number above 0"),
        (["run", "--lateness-ms", "-1"], "a number from 0 on"),
        (["run", "--max-episode-ms", "1s"], "a number above 0"),
        (["run", "--rotate-wait-ms", "-1"], "a number from 0 on"),
        (["run", "--drain-timeout-ms", "inf"], "a number from 0 on"),
        (["run", "--poll", "0"], "a number above 0"),
        (["run", "--max-line-bytes", "1.5"], "a whole number above 0"),
        (["run", "--keep-days", "-1"], "a number from 0 on"),
        (["run", "--keep-events", "1.5"], "a whole number from 0 on"),
        (["run", "--keep-mib", "lots"], "a number from 0 on"),
        (["run", "--timezone", "Mars"], "a time zone that this machine knows, as Europe/Berlin"),
        (["check", "--timezone", "-1"], "a time zone that this machine knows, as Europe/Berlin"),
        (["events", "-n", "-1"], "a whole number from 0 on"),
        (["events", "--limit", "many"], "a whole number from 0 on"),
        (["events", "--after", "now"], "a whole number"),
        (["events", "--since", "tomorrow"], "a time of RFC 3339, a local one (YYYY-MM-DD, also"),
        (["report", "--until", "-5m"], "a time of RFC 3339, a local one (YYYY-MM-DD, also"),
        (["stats", "--compare", "90s"], "an age of whole minutes, at most 1000 years (90m, 24h"),
    ]

    @Test(arguments: values)
    func `a value that is refused is told with what is accepted`(
        arguments: [String], accepted: String
    ) throws {
        let line = try refusal(arguments)
        #expect(line.hasPrefix("The value '\(arguments[2])' is invalid for '\(arguments[1]) <"))
        #expect(line.contains("': name \(accepted)"), "\(line)")
        #expect(line.hasSuffix("; see 'logtail \(arguments[0]) --help'"))
    }

    @Test func `a default is shown in the help`() throws {
        let help = try BuiltCommand.run(["events", "--help"]).output
        #expect(help.contains("(default: 100)"))
    }

    @Test func `a threshold above the one of stalls is told as it was written`() throws {
        #expect(
            try refusal(["--observer", "headroom", "--stall-ms", "1", "x.log"])
                == "--stall-ms 1 is below the threshold of 500 ms; raise it, or lower "
                + "--threshold-ms")
    }

    @Test func `gaps that are too short are told as they were written`() throws {
        let options = try TailOptions.parse(["--observer", "headroom", "--quiet-ms", "0.5"])
        var warnings: [String] = []
        _ = try options.configuration { warnings.append($0) }
        #expect(
            warnings == [
                "--quiet-ms 0.5 is raised to 50, since lines are not written faster; name 50 or "
                    + "more"
            ])
    }

    @Test(arguments: [
        ["run"], ["events"], ["stats"], ["report"], ["status"], ["check"], ["observers"],
        ["prune"],
    ])
    func `every command takes --db`(command: [String]) throws {
        let help = try BuiltCommand.run(command + ["--help-hidden"])
        #expect(help.status == 0)
        #expect(help.output.contains("--db <path>"))
    }

    @Test func `commands that need no database accept one`() throws {
        #expect(try BuiltCommand.run(["observers", "--db", "/no/where"]).status == 0)
        let check = ["check", "--observer", "headroom", "--db", "/no/where", "/dev/null"]
        #expect(try BuiltCommand.run(check).errors.contains("it is a device"))
        #expect(try !BuiltCommand.run(["check", "--help"]).output.contains("--db"))
    }
}
