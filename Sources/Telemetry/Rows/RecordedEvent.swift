public import LogTail

/// A row of the events table: what happened, and its place in the sequence.
public struct RecordedEvent: Equatable, Sendable {
    /// Replay position; never reused.
    public var seq: Int64
    /// Idempotency key, 32 hexadecimal digits.
    public var key: String
    /// Event time, `2026-06-13T08:55:01.123Z`.
    public var timestamp: String
    /// The telemetry source.
    public var source: String
    /// The name under which it is published.
    public var event: String
    /// What it tells; a string, since a newer logtail may have written the row.
    public var kind: String
    /// How bad it is.
    public var status: String
    /// A breach's latency or an episode's peak, in milliseconds.
    public var durationMilliseconds: Double?
    /// The dominant stage of a breach or an episode.
    public var stage: String?
    /// A compact JSON object; where another program wrote something else into the row, that as JSON
    /// on one line.
    public var detail: String
    /// Wall clock of the commit, as `timestamp`.
    public var recordedAt: String

    /// The event as one JSON object, the form it has on every bus and in `events --json`.
    public var json: String {
        var json = JSONWriter()
        write(to: &json)
        return json.text
    }

    /// Writes the event as ``json``.
    public func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("seq", seq)
            json.field("key", key)
            json.field("ts", timestamp)
            json.field("event", event)
            json.field("kind", kind)
            json.field("source", source)
            json.field("severity", status)
            json.field("value_ms", durationMilliseconds)
            json.field("stage", stage)
            json.field("detail") { json in json.raw(detail) }
        }
    }

    /// True for the rows that `--publish episodes` leaves out.
    public var isBreach: Bool { kind == EventKind.overhead.rawValue }
}
