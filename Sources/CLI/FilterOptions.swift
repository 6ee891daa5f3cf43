public import ArgumentParser
public import LogTail
internal import Observers
internal import Syscalls
internal import Telemetry

/// Which events a question is about; shared by every command that asks the database.
struct FilterOptions: ParsableArguments {
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

    @Option(help: ArgumentHelp("Published under this name; repeat for several.", valueName: "name"))
    var event: [String] = []

    @Option(help: ArgumentHelp("Of this kind; repeat for several.", valueName: "kind"))
    var kind: [EventKind] = []

    @Option(help: ArgumentHelp("Of this status; repeat for several.", valueName: "status"))
    var status: [EventStatus] = []

    @Flag(help: "Only what calls for attention: everything but ok and info.")
    var warnings = false

    /// The filters as the database takes them; ages count from now.
    func query() throws -> EventQuery {
        let now = Timestamp(nanoseconds: Clock.wall)
        var query = EventQuery()
        query.since = since?.timestamp(now: now, zone: .system)
        query.until = until?.timestamp(now: now, zone: .system)
        if let since = query.since, let until = query.until, since >= until {
            throw CommandFailure(
                .usage,
                "--since \(since.text) is not before --until \(until.text); swap or widen them")
        }
        query.sources = source
        query.events = event
        query.kinds = kind.map(\.rawValue)
        query.statuses = status.map(\.rawValue)
        query.warningsOnly = warnings
        return query
    }
}

extension EventKind: ExpressibleByArgument {}
extension EventStatus: ExpressibleByArgument {}
