/// Rows in their sequence, as sinks read them: the database is the queue.
public protocol EventLog {
    /// At most `limit` rows with `seq` strictly greater than `seq`, in order; fewer where they are
    /// long, but at least one where there is one.
    func events(after seq: Int64, limit: Int) throws(TelemetryError) -> [RecordedEvent]

    /// The oldest row still there (nil: none) and the newest `seq` ever given out.
    func bounds() throws(TelemetryError) -> EventBounds

    /// The newest `seq` ever given out, where that is all that is asked.
    func latest() throws(TelemetryError) -> Int64
}

extension EventLog {
    /// The newest `seq` ever given out.
    public func latest() throws(TelemetryError) -> Int64 {
        try bounds().latest
    }
}
