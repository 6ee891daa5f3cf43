internal import Telemetry

/// The rows that a sink delivers next, and where it stands once it has.
struct NextRows {
    /// At most this many: few enough to cost little memory, enough that a query costs little for
    /// each row.
    static let limit = 128

    /// In order of `seq`.
    let events: [RecordedEvent]
    /// The `seq` up to which all is delivered then. Where the newest rows were pruned, there is
    /// nothing to deliver up to theirs.
    let end: Int64
    /// True where more rows may follow.
    let hasMore: Bool

    /// The rows after `position`.
    init(_ log: any EventLog, after position: Int64) throws(BusError) {
        // Asked first: a row that is committed meanwhile must not be passed over.
        let latest = try BusError.reporting(log.latest())
        let events = try BusError.reporting(log.events(after: position, limit: Self.limit))
        self.events = events
        let last = events.last?.seq
        hasMore = last.map { $0 < latest } ?? false
        end = last ?? max(position, latest)
    }
}
