// The forms in which logs write times, read from the bytes of a line.

extension CivilTime {
    /// The time that Python's logging puts before a message: `2026-11-21 01:37:09,281`, local
    /// time without a zone, at the start of the line.
    init?(loggingPrefixOf line: Span<UInt8>) {
        guard let nanosecond = Self.loggingFraction(of: line),
            let time = CivilTime(
                line, at: 0, separator: UInt8(ascii: " "), nanosecond: nanosecond)
        else { return nil }
        self = time
    }

    /// The nanoseconds that such a prefix ends with: `,281`.
    static func loggingFraction(of line: Span<UInt8>) -> Int? {
        guard line.hasByte(UInt8(ascii: ","), at: 19),
            let millisecond = line.number(at: 20, width: 3), line.endOfDigits(from: 20) == 23
        else { return nil }
        return millisecond * 1_000_000
    }

    /// `YYYY-MM-DD`, `separator`, `HH:MM:SS` at `start`.
    private init?(
        _ line: Span<UInt8>, at start: Int, separator: UInt8, nanosecond: Int
    ) {
        guard let year = line.number(at: start, width: 4),
            line.hasByte(UInt8(ascii: "-"), at: start + 4),
            let month = line.number(at: start + 5, width: 2),
            line.hasByte(UInt8(ascii: "-"), at: start + 7),
            let day = line.number(at: start + 8, width: 2),
            line.hasByte(separator, at: start + 10)
        else { return nil }
        self.init(
            year: year, month: month, day: day, clock: line, at: start + 11,
            nanosecond: nanosecond)
    }

    /// `HH:MM:SS` at `start`.
    private init?(
        year: Int, month: Int, day: Int, clock line: Span<UInt8>, at start: Int,
        nanosecond: Int = 0
    ) {
        guard let hour = line.number(at: start, width: 2),
            line.hasByte(UInt8(ascii: ":"), at: start + 2),
            let minute = line.number(at: start + 3, width: 2),
            line.hasByte(UInt8(ascii: ":"), at: start + 5),
            let second = line.number(at: start + 6, width: 2)
        else { return nil }
        self.init(
            year: year, month: month, day: day, hour: hour, minute: minute, second: second,
            nanosecond: nanosecond)
    }

    /// nginx's and Apache's `$time_local` at `start`: `21/Nov/2026:07:19:02`.
    fileprivate init?(accessLogTime line: Span<UInt8>, at start: Int) {
        guard let day = line.number(at: start, width: 2),
            line.hasByte(UInt8(ascii: "/"), at: start + 2),
            let month = Self.months.firstIndex(where: { line.hasBytes($0, at: start + 3) }),
            line.hasByte(UInt8(ascii: "/"), at: start + 6),
            let year = line.number(at: start + 7, width: 4),
            line.hasByte(UInt8(ascii: ":"), at: start + 11)
        else { return nil }
        self.init(year: year, month: month + 1, day: day, clock: line, at: start + 12)
    }

    /// `2026-11-21T07:19:02` at `start`.
    init?(iso8601 line: Span<UInt8>, at start: Int) {
        self.init(line, at: start, separator: UInt8(ascii: "T"), nanosecond: 0)
    }

    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ].map { Array($0.utf8) }
}

extension Timestamp {
    /// nginx's and Apache's `$time_local` at `start`: `21/Nov/2026:07:19:02 +0530`.
    init?(accessLogTime line: Span<UInt8>, at start: Int) {
        guard let civil = CivilTime(accessLogTime: line, at: start),
            line.hasByte(UInt8(ascii: " "), at: start + 20),
            let offset = line.zoneOffset(at: start + 21, colon: false)
        else { return nil }
        self = civil.timestamp(offset: offset)
    }

    /// nginx's `$time_iso8601`, alone in `text`: `2026-11-21T07:19:02+05:30`.
    init?(iso8601 text: Span<UInt8>) {
        guard let civil = CivilTime(iso8601: text, at: 0), text.count == 25,
            let offset = text.zoneOffset(at: 19, colon: true)
        else { return nil }
        self = civil.timestamp(offset: offset)
    }
}

extension Span<UInt8> {
    /// The seconds east of UTC that `+HHMM` or, with a colon, `+HH:MM` at `start` write.
    fileprivate func zoneOffset(at start: Int, colon: Bool) -> Int? {
        let isWest = hasByte(UInt8(ascii: "-"), at: start)
        guard isWest || hasByte(UInt8(ascii: "+"), at: start),
            let hours = number(at: start + 1, width: 2),
            !colon || hasByte(UInt8(ascii: ":"), at: start + 3),
            let minutes = number(at: start + (colon ? 4 : 3), width: 2), minutes < 60
        else { return nil }
        let seconds = hours * 3_600 + minutes * 60
        return isWest ? -seconds : seconds
    }
}
