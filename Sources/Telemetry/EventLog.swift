internal import Observers

/// Rows in their sequence, as sinks read them: the database is the queue.
public protocol EventLog {
    /// At most `limit` rows with `seq` strictly greater than `seq`, in order.
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

/// How far the sequence reaches.
public struct EventBounds: Equatable, Sendable {
    /// The `seq` of the oldest row that retention kept; nil where there is no row.
    public var oldest: Int64?
    /// The newest `seq` ever given out, 0 where there was none; pruning does not lower it.
    public var latest: Int64

    /// Bounds of a sequence.
    public init(oldest: Int64?, latest: Int64) {
        self.oldest = oldest
        self.latest = latest
    }
}

extension EventBounds {
    /// Whether rows with a `seq` greater than `seq` were pruned.
    public func lacks(after seq: Int64) -> Bool {
        let next = max(seq, 0).addingSaturating(1)
        return oldest.map { $0 > next } ?? (latest >= next)
    }
}

/// Durable positions of sinks, the bus_positions table.
public protocol SinkPositions: AnyObject, Sendable {
    /// The `seq` of the last row that `sink` has delivered; nil where it is new.
    func position(of sink: String) throws(TelemetryError) -> Int64?

    /// Records that `sink` has delivered everything up to `seq`. Safe on any thread.
    func move(_ sink: String, to seq: Int64) throws(TelemetryError)
}
