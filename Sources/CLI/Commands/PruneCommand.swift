internal import ArgumentParser
internal import LogTail
internal import Telemetry

/// Applies retention now, with or without a daemon.
struct PruneCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prune", abstract: "Remove what is older or more than is to be kept.",
        discussion: """
            Limits that are not named are those of the daemon that ran last. A daemon may go on \
            meanwhile; it prunes by itself, so that this is only needed to keep less at once.
            """)

    @OptionGroup var retention: RetentionOptions

    @Flag(help: "Only say what would go.")
    var dryRun = false

    @Flag(help: "One JSON object.")
    var json = false

    @OptionGroup var databaseOptions: DatabaseOptions

    func run() throws {
        let run = try RetentionRun(path: databaseOptions.path())
        let limits = retention.limits(run.state.limits)
        let before = try TelemetryReader(path: run.path).fileBytes
        let outcome = try dryRun ? run.preview(limits) : run.prune(limits)
        let reader = try TelemetryReader(path: run.path)
        // What a look wrote into the write-ahead log to take it back is not the database's.
        let after = dryRun ? before : reader.fileBytes
        let report = PruneReport(
            isPreview: dryRun, limits: limits, outcome: outcome,
            bytesBefore: before.database + before.writeAheadLog,
            bytesAfter: after.database + after.writeAheadLog, bounds: try reader.bounds())
        let output = Output()
        for line in json ? [report.json] : report.lines { try output.line(line) }
        try output.flush()
    }
}

/// What `prune` tells.
struct PruneReport {
    let isPreview: Bool
    let limits: RetentionLimits
    let outcome: RetentionOutcome
    let bytesBefore: Int64
    let bytesAfter: Int64
    let bounds: EventBounds

    /// The report as one JSON object.
    var json: String {
        var json = JSONWriter()
        json.object { json in
            json.field("dry_run", isPreview)
            json.field("keep_days", limits.days)
            json.field("keep_events", limits.events)
            json.field("keep_mib", limits.mebibytes)
            json.field("events", outcome.events)
            if !isPreview { json.field("undelivered", outcome.undelivered) }
            json.field("latency", outcome.latency)
            if isPreview { json.field("excess_bytes", outcome.excessBytes) }
            json.field("oldest", bounds.oldest)
            json.field("latest", bounds.latest)
            json.field("bytes_before", bytesBefore)
            json.field("bytes_after", bytesAfter)
        }
        return json.text
    }

    /// The report as a person reads it.
    var lines: [String] {
        let rows =
            "\(outcome.events) \(Wording.plural("event", outcome.events)) and "
            + "\(outcome.latency) \(Wording.plural("latency row", outcome.latency))"
        guard !isPreview else { return ["would prune \(rows)"] + excess }
        var lines = ["pruned \(rows)"]
        if outcome.undelivered > 0 {
            lines.append("\(outcome.undelivered) of the events had not been delivered to every bus")
        }
        let size = Wording.bytes(bytesAfter)
        lines.append(
            bytesBefore == bytesAfter
                ? "the database takes \(size)"
                : "the database takes \(size), it took \(Wording.bytes(bytesBefore))")
        return lines
    }

    private var excess: [String] {
        guard outcome.excessBytes > 0 else { return [] }
        return [
            "would prune the oldest rows besides until \(Wording.bytes(outcome.excessBytes)) "
                + "are free"
        ]
    }
}
