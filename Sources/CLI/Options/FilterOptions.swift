public import ArgumentParser
public import LogTail
internal import Observers
internal import Syscalls
internal import Telemetry

/// Which events a question is about; shared by every command that asks for them.
struct FilterOptions: ParsableArguments {
    @OptionGroup var window: WindowOptions

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
        let bounds = try window.bounds(now: Timestamp(nanoseconds: Clock.wall))
        var query = EventQuery()
        query.since = bounds.since
        query.until = bounds.until
        query.sources = window.source
        query.events = event
        query.kinds = kind.map(\.rawValue)
        query.statuses = status.map(\.rawValue)
        query.warningsOnly = warnings
        return query
    }
}

extension EventKind: ExpressibleByArgument {}
extension EventStatus: ExpressibleByArgument {}
