internal import ArgumentParser
internal import Observers
internal import Syscalls
internal import Telemetry

/// Shows how latencies are distributed: per source and stage, over a window or in its hours and
/// days, or beside the window before.
struct StatsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stats",
        abstract: "Show how latencies are distributed, per source and stage.",
        discussion: """
            Latencies are kept per minute of event time: a minute counts if any of it lies \
            between --since and --until. Quantiles are within 1 %. Hours and days are local, in \
            UTC with --json or --utc.

              logtail stats --since 30d --by day --stage total
              logtail stats --compare 7d
            """)

    @OptionGroup var window: WindowOptions

    @Option(help: ArgumentHelp("Of this stage; repeat for several.", valueName: "name"))
    var stage: [String] = []

    @Option(
        help: ArgumentHelp(
            "Add up by hour or day, by stage over all sources, or by source (the total).",
            valueName: "hour|day|stage|source"))
    var by: StatsQuestion.Grouping?

    @Option(
        help: ArgumentHelp(
            "Put this long, up to --until or now, beside as long before it (90m, 24h, 7d).",
            valueName: "age"))
    var compare: WindowLength?

    @Flag(help: "Hours and days of UTC.")
    var utc = false

    @Flag(help: "One JSON object a line; hours and days of UTC.")
    var json = false

    @OptionGroup var remote: RemoteOptions

    @OptionGroup var databaseOptions: DatabaseOptions

    func run() throws {
        try remote.runThere()
        let question = try question()
        let reader = try TelemetryReader(path: databaseOptions.path())
        let rows = try compare.map { try compared(question, $0, reader) } ?? question.rows(reader)
        if rows.isEmpty { Output.note("no latency was recorded in this window") }
        let output = Output()
        if json {
            for row in rows { try output.line(row.json) }
        } else {
            let text = StatsText(rows, by, Terminal.current)
            for line in text.lines { try output.line(line) }
        }
        try output.flush()
        if try reader.atOneMoment({ try $0.isPruned(question.query) }) {
            Output.note(WindowOptions.prunedNotice)
            throw ExitCode(ExitStatus.incomplete.rawValue)
        }
    }

    private func question() throws -> StatsQuestion {
        if by == .source, stage.count > 1 {
            throw CommandFailure(
                .usage, "--by source adds up one stage: name one --stage, or leave it out")
        }
        if compare != nil, by.hasBuckets {
            throw CommandFailure(
                .usage, "--compare goes with --by stage or --by source, not with hours or days")
        }
        if compare != nil, window.since != nil {
            throw CommandFailure(
                .usage, "--compare says how long the window is: leave out --since")
        }
        let now = Timestamp(nanoseconds: Clock.wall)
        let bounds = try window.bounds(now: now)
        var question = StatsQuestion(grouping: by, zone: json || utc ? .utc : .system)
        question.query.since = bounds.since
        question.query.until = compare == nil ? bounds.until : bounds.until ?? now
        if let compare, let end = question.query.endMinute {
            // Both windows, of which rows may have been pruned.
            question.query.cover(2 * compare.minutes, until: end)
        }
        question.query.sources = window.source
        question.query.stages = stage
        return question
    }

    /// The rows of the second half of the window that `question` is about, beside those of the
    /// first.
    private func compared(
        _ question: StatsQuestion, _ length: WindowLength, _ reader: TelemetryReader
    ) throws -> [StatsRow] {
        guard let end = question.query.endMinute else { return [] }
        func rows(until end: Int64) throws -> [StatsRow] {
            var question = question
            question.query.cover(length.minutes, until: end)
            return try question.rows(reader)
        }
        return StatsRow.compare(
            try rows(until: end), with: try rows(until: end - length.minutes))
    }
}

extension LatencyQuery {
    /// Asks for `minutes` up to a minute. Whole ones, so that the minute between two windows counts
    /// in one of them only.
    fileprivate mutating func cover(_ minutes: Int64, until end: Int64) {
        since = Timestamp(seconds: (end - minutes) * 60)
        until = Timestamp(seconds: end * 60)
    }
}

/// How long a window is, in whole minutes.
struct WindowLength: ExplainedArgument {
    static let accepted = "an age of whole minutes, at most 1000 years (90m, 24h, 7d)"

    let minutes: Int64

    /// Longer than the time that can be told: a thousand years.
    private static let longest: Int64 = 1_000 * 366 * 86_400

    init?(argument: String) {
        guard case .age(let seconds) = QueryTime(argument: argument), seconds >= 60,
            seconds <= Self.longest, seconds % 60 == 0
        else { return nil }
        minutes = seconds / 60
    }
}
