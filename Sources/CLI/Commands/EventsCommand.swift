internal import ArgumentParser
internal import Telemetry

/// Shows recorded events, newest last, and goes on live where asked to.
struct EventsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "events", abstract: "Show recorded events, newest last.",
        discussion: """
            Without a filter it shows the last 100. Times are local; in UTC with --json, --csv \
            or --utc.

              logtail events --since 2h --warnings
              logtail events --kind stall_episode --json -n 1000
            """)

    @OptionGroup var filters: FilterOptions

    @Option(
        name: [.customShort("n", allowingJoined: true), .long],
        help: ArgumentHelp(
            "At most this many: the last ones, or with --after the first.",
            valueName: "n"))
    var limit = Count(value: 100)

    @Option(
        help: ArgumentHelp(
            "Only events with a greater seq; exits with 3 where some of them were pruned.",
            valueName: "seq"))
    var after: Int64?

    @Flag(name: .shortAndLong, help: "Go on with events as they are recorded.")
    var follow = false

    @Flag(help: "Times in UTC, as they are recorded.")
    var utc = false

    @Flag(help: "One JSON object a line, as on the bus; times in UTC.")
    var json = false

    @Flag(help: "Comma-separated values with a header, RFC 4180; times in UTC.")
    var csv = false

    @OptionGroup var remote: RemoteOptions

    @OptionGroup var databaseOptions: DatabaseOptions

    func validate() throws {
        guard !json || !csv else { throw ValidationError("choose one of --json and --csv") }
        guard !follow || filters.window.until == nil else {
            throw ValidationError("--follow does not end at a time; leave --until out")
        }
    }

    func run() throws {
        try remote.runThere()
        var query = try filters.query()
        query.limit = limit.value
        query.after = after
        let reader = try TelemetryReader(path: databaseOptions.path())
        // Armed before the first look, so that nothing falls between it and the live events.
        let changes = follow ? try DatabaseChanges(of: reader) : nil
        let bounds = try reader.bounds()
        let form: EventPrinter.Form = json ? .json : csv ? .csv : .table(inUTC: utc)
        let printer = EventPrinter(form, isLive: follow, Terminal.current)
        try printer.begin()
        var pages = try reader.pages(matching: query)
        while let page = try pages.next() { try printer.print(page) }
        let isIncomplete =
            after.map { bounds.lacks(after: $0) || pages.isIncomplete } ?? false
        if isIncomplete { Output.note(Self.notice(of: try reader.bounds())) }
        if let changes {
            query.after = max(pages.through, after ?? 0)
            query.limit = nil
            try Self.follow(reader, query, changes, printer)
        }
        if isIncomplete { throw ExitCode(ExitStatus.incomplete.rawValue) }
    }

    private static func notice(of bounds: EventBounds) -> String {
        let left = bounds.oldest.map { "the oldest row left has seq \($0)" } ?? "no row is left"
        return "the answer is incomplete: rows were pruned, \(left); follow from there, or keep "
            + "more with --keep-days, --keep-events and --keep-mib"
    }

    /// Prints what is recorded from now on, until nobody reads it any more.
    private static func follow(
        _ reader: TelemetryReader, _ query: EventQuery, _ changes: DatabaseChanges,
        _ printer: EventPrinter
    ) throws {
        var query = query
        repeat {
            var pages = try reader.pages(matching: query)
            while let page = try pages.next() { try printer.print(page) }
            query.after = max(pages.through, query.after ?? 0)
        } while try changes.wait()
    }
}
