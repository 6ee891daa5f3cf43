/// The log as a sink of the daemon reads it: from memory what was just committed, from the
/// database everything else.
public struct LiveLog: EventLog {
    private let fresh: FreshRows
    private let log: any EventLog

    /// The log that `log` reads, of which the last rows are at hand.
    public init(_ fresh: FreshRows, _ log: any EventLog) {
        self.fresh = fresh
        self.log = log
    }

    /// At most `limit` rows with `seq` strictly greater than `seq`, in order; fewer where they are
    /// long, but at least one where there is one.
    public func events(after seq: Int64, limit: Int) throws(TelemetryError) -> [RecordedEvent] {
        if let events = fresh.events(after: seq, limit: limit) { return events }
        return try log.events(after: seq, limit: limit)
    }

    /// The oldest row still there and the newest `seq` ever given out.
    public func bounds() throws(TelemetryError) -> EventBounds {
        try log.bounds()
    }

    /// The newest `seq` ever given out.
    public func latest() throws(TelemetryError) -> Int64 {
        if let latest = fresh.latest { return latest }
        return try log.latest()
    }
}
