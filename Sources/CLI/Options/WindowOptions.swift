internal import ArgumentParser
internal import Observers
internal import Syscalls
internal import Telemetry

/// The stretch of event time and the sources that a question is about.
struct WindowOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "From this time on.",
            discussion: """
                RFC 3339, a local time (YYYY-MM-DD, also with HH:MM or HH:MM:SS), or an age \
                (90s, 5m, 2h, 1d).
                """,
            valueName: "time"))
    var since: QueryTime?

    @Option(help: ArgumentHelp("Before this time.", valueName: "time"))
    var until: QueryTime?

    @Option(help: ArgumentHelp("Of this source; repeat for several.", valueName: "name"))
    var source: [String] = []

    /// What is said where rows of the window are gone.
    static let prunedNotice =
        "the answer is incomplete: the oldest rows of this window were pruned; keep more with "
        + "--keep-days and --keep-mib"

    /// The bounds as instants; ages count from `now`.
    func bounds(now: Timestamp) throws -> (since: Timestamp?, until: Timestamp?) {
        let since = since?.timestamp(now: now, zone: .system)
        let until = until?.timestamp(now: now, zone: .system)
        if let since, let until, since >= until {
            throw CommandFailure(
                .usage,
                "--since \(since.text) is not before --until \(until.text); swap or widen them")
        }
        return (since, until)
    }
}
