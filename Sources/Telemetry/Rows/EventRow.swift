internal import GRDB
internal import LogTail
internal import Observers

extension RecordedEvent {
    /// The columns of ``init(_:)``; the stage lies in the detail, under one of two names. What
    /// another program wrote into a detail may be on several lines, or no JSON at all.
    static let columns = """
        seq, key, ts, source, event, kind, status, duration_ms, \
        CASE WHEN json_valid(detail) THEN coalesce(json_extract(detail, '$.stage'), \
        json_extract(detail, '$.dominant_stage')) END, \
        iif(json_valid(detail), json(detail), json_quote(CAST(detail AS TEXT))), recorded_at
        """

    init(_ row: Row) {
        self.init(
            seq: row[0], key: row[1], timestamp: row[2], source: row[3], event: row[4],
            kind: row[5], status: row[6], durationMilliseconds: row[7], stage: row[8],
            detail: row[9], recordedAt: row[10])
    }

    /// The row that an event becomes.
    init(_ event: Event, seq: Int64, key: String, recordedAt: String) {
        self.init(
            seq: seq, key: key, timestamp: event.timestamp.text, source: event.source,
            event: event.event, kind: event.kind.rawValue, status: event.status.rawValue,
            durationMilliseconds: event.durationMilliseconds, stage: event.stage,
            detail: event.detail, recordedAt: recordedAt)
    }
}
