internal import GRDB
internal import LogTail
internal import Observers

extension LatencyCell {
    static let columns = """
        source, stage, minute, count, sum_ms, min_ms, max_ms, degraded, stalled, buckets
        """

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
        let bytes = text.utf8.span
        func holds(_ mark: Unicode.Scalar, at index: Int) -> Bool {
            bytes[index] == UInt8(ascii: mark)
        }
        guard bytes.count == 17, holds("-", at: 4), holds("-", at: 7), holds("T", at: 10),
            holds(":", at: 13), holds("Z", at: 16), let year = number(bytes, 0..<4),
            let month = number(bytes, 5..<7), let day = number(bytes, 8..<10),
            let hour = number(bytes, 11..<13), let minute = number(bytes, 14..<16),
            let time = CivilTime(year: year, month: month, day: day, hour: hour, minute: minute)
        else { return nil }
        return time.secondsAsUTC / 60
    }

    private static func number(_ bytes: Span<UInt8>, _ digits: Range<Int>) -> Int? {
        var value = 0
        for index in digits {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[index]) else {
                return nil
            }
            value = value * 10 + Int(bytes[index] - UInt8(ascii: "0"))
        }
        return value
    }
}
