internal import GRDB
internal import LogTail
internal import Observers

extension LatencyCell {
    static let columns = """
        source, stage, minute, count, sum_ms, min_ms, max_ms, degraded, stalled, buckets
        """

    /// What is wrong with a row that is not what logtail writes.
    static let damage = "a row of latency does not read back"

    /// A cell from the columns above; nil where the minute or the buckets are not what
    /// logtail writes.
    init?(_ row: Row) {
        guard let minute = Self.minute(fromText: row[2]),
            let sketch = LatencySketch(bucketsJSON: row[9])
        else { return nil }
        self.init(
            source: row[0], stage: row[1], minute: minute, count: row[3], sum: row[4],
            minimum: row[5], maximum: row[6], degraded: row[7], stalled: row[8], sketch: sketch)
    }

    /// The column `minute`: `2026-06-13T08:55Z`.
    static func text(ofMinute minute: Int64) -> String {
        Timestamp(seconds: minute * 60).minuteText
    }

    /// The minute that the column names; nil where the text is not what logtail writes.
    static func minute(fromText text: String) -> Int64? {
        Timestamp(minuteText: text)?.unixMinute
    }
}
