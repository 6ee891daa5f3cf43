internal import GRDB

/// A stall episode as its row tells it; what its detail lacks is empty.
public struct RecordedEpisode: Equatable, Sendable {
    /// Replay position.
    public let seq: Int64
    /// The telemetry source.
    public let source: String
    /// How bad it is: `degraded` or `stall`.
    public let status: String
    /// Its earliest beginning, `2026-06-13T08:55:01.123Z`.
    public let timestamp: String
    /// Its largest latency, in milliseconds.
    public let peakMilliseconds: Double
    /// How many breaches.
    public let count: Int64
    /// From its earliest beginning to its latest event time, in milliseconds.
    public let spanMilliseconds: Double
    /// The dominant stage of the breach with the largest latency.
    public let dominantStage: String?

    static let columns = """
        seq, source, status, ts, coalesce(duration_ms, 0), \
        iif(json_valid(detail), detail ->> '$.count', NULL), \
        iif(json_valid(detail), detail ->> '$.span_ms', NULL), \
        iif(json_valid(detail), detail ->> '$.dominant_stage', NULL)
        """

    init(_ row: Row) {
        seq = row[0]
        source = row[1]
        status = row[2]
        timestamp = row[3]
        peakMilliseconds = row[4]
        // What another program wrote into a detail may be of any type.
        count = Int64.fromDatabaseValue(row[5]) ?? 0
        spanMilliseconds = Double.fromDatabaseValue(row[6]) ?? 0
        dominantStage = String.fromDatabaseValue(row[7])
    }
}
