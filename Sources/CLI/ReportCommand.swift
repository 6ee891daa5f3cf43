internal import ArgumentParser
internal import Foundation
internal import Observers
internal import Syscalls
internal import Telemetry

/// Draws what was recorded as one page that needs nothing else: no network, no script.
struct ReportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Draw a page of charts: latency over time, distribution, episodes, stages.",
        discussion: """
            The page is one file of HTML that loads nothing and runs no script, for light and \
            dark, screen and paper. Without --since and --until it is about everything recorded. \
            Times are local, in UTC with --utc.

              logtail report -o stalls.html --since 7d
            """)

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "Where the page goes, in the place of what is there; - is standard output.",
            valueName: "file|-"))
    var output: String

    @OptionGroup var window: WindowOptions

    @Flag(help: "Times in UTC.")
    var utc = false

    @OptionGroup var databaseOptions: DatabaseOptions

    /// What the zone of this machine is called.
    private static var zoneName: String {
        let name = TimeZone.current.identifier
        return ["GMT", "Etc/UTC", "Etc/GMT"].contains(name) ? "UTC" : name
    }

    func validate() throws {
        guard !output.isEmpty else { throw ValidationError("--output names no file") }
    }

    func run() throws {
        let now = Timestamp(nanoseconds: Clock.wall)
        let bounds = try window.bounds(now: now)
        let question = ReportQuestion(
            since: window.since, until: window.until, sources: window.source,
            zone: utc ? .utc : .system, zoneName: utc ? "UTC" : Self.zoneName,
            now: now)
        let reader = try TelemetryReader(path: databaseOptions.path())
        let contents = try question.contents(reader, bounds)
        let page = ReportPage(contents).html
        if output == "-" {
            let output = Output()
            try output.text(page)
            try output.flush()
        } else {
            do {
                try AtomicFile.write(page, to: output)
            } catch {
                throw CommandFailure(
                    .cannotCreate,
                    "unable to write \(output): \(error.reason); name a file in a folder that "
                        + "this user can write")
            }
        }
        if contents.isEmpty { Output.note("nothing was recorded in this window") }
        if contents.isPruned {
            Output.note(WindowOptions.prunedNotice)
            throw ExitCode(ExitStatus.incomplete.rawValue)
        }
    }
}
