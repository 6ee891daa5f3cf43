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
            discussion: "A file is one of this machine, also with --host.",
            valueName: "file|-"))
    var output: String

    @OptionGroup var window: WindowOptions

    @Flag(help: "Times in UTC.")
    var utc = false

    @OptionGroup var remote: RemoteOptions

    @OptionGroup var databaseOptions: DatabaseOptions

    /// What the zone of this machine is called.
    private static var zoneName: String {
        let name = Zone.unnamed ?? TimeZone.current.identifier
        return ["GMT", "Etc/UTC", "Etc/GMT"].contains(name) ? "UTC" : name
    }

    func validate() throws {
        guard !output.isEmpty else { throw ValidationError("--output names no file") }
    }

    func run() throws {
        guard output == "-" else { return try runIntoFile() }
        try remote.runThere()
        try draw { page in
            let output = Output()
            try output.text(page)
            try output.flush()
        }
    }

    private func runIntoFile() throws {
        // Of an option that is given twice the last one counts.
        guard let answer = try remote.answer(adding: ["--output", "-"]) else {
            return try draw(write)
        }
        let status = ExitCode(answer.status)
        if status.isSuccess || answer.status == ExitStatus.incomplete.rawValue {
            try write(answer.text)
        }
        throw status
    }

    /// Writes the page to the file.
    private func write(_ page: String) throws {
        do {
            try AtomicFile.write(page, to: output)
        } catch {
            throw CommandFailure(
                .cannotCreate,
                "unable to write \(output): \(error.reason); name a file in a folder that "
                    + "this user can write")
        }
    }

    /// Draws the page, hands it to `write`, and tells what is to be known of it.
    private func draw(_ write: (String) throws -> Void) throws {
        let now = Timestamp(nanoseconds: Clock.wall)
        let bounds = try window.bounds(now: now)
        let question = ReportQuestion(
            since: window.since, until: window.until, sources: window.source,
            zone: utc ? .utc : .system, zoneName: utc ? "UTC" : Self.zoneName,
            now: now)
        let reader = try TelemetryReader(path: databaseOptions.path())
        let contents = try question.contents(reader, bounds)
        try write(ReportPage(contents).html)
        if contents.isEmpty { Output.note("nothing was recorded in this window") }
        if contents.isPruned {
            Output.note(WindowOptions.prunedNotice)
            throw ExitCode(ExitStatus.incomplete.rawValue)
        }
    }
}
