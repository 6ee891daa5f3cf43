/// A date and time of day in the proleptic Gregorian calendar, without a zone.
///
/// Log prefixes carry one; with an offset from UTC it becomes a ``Timestamp``.
/// Day arithmetic follows the usual era-of-400-years method.
public struct CivilTime: Hashable, Sendable {
    /// Calendar year, for example 2026.
    public var year: Int
    /// 1 to 12.
    public var month: Int
    /// 1 to 31.
    public var day: Int
    /// 0 to 23.
    public var hour: Int
    /// 0 to 59.
    public var minute: Int
    /// 0 to 59 (60 in a leap second, which counts as the next second).
    public var second: Int
    /// 0 to 999,999,999.
    public var nanosecond: Int

    /// A civil time from its parts; nil where a part is out of its range (years: 0 to 9999, what
    /// four digits write).
    public init?(
        year: Int, month: Int, day: Int, hour: Int = 0, minute: Int = 0, second: Int = 0,
        nanosecond: Int = 0
    ) {
        guard (0...9_999).contains(year), (1...12).contains(month), day >= 1,
            day <= Self.daysInMonth(year: year, month: month), (0...23).contains(hour),
            (0...59).contains(minute), (0...60).contains(second),
            (0...999_999_999).contains(nanosecond)
        else { return nil }
        self.year = year
        self.month = month
        self.day = day
        self.hour = hour
        self.minute = minute
        self.second = second
        self.nanosecond = nanosecond
    }

    /// The civil time at a whole second since the epoch, as if the zone were UTC.
    public init(unixSecond: Int64, nanosecond: Int = 0) {
        let (days, secondOfDay) = unixSecond.floorDividedWithRemainder(by: 86_400)
        let shifted = days + 719_468
        let (era, dayOfEra) = shifted.floorDividedWithRemainder(by: 146_097)
        let yearOfEra =
            (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        year = Int(era) * 400 + yearOfEra + (month <= 2 ? 1 : 0)
        day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        hour = secondOfDay / 3_600
        minute = secondOfDay / 60 % 60
        second = secondOfDay % 60
        self.nanosecond = nanosecond
    }

    /// Seconds since the epoch if this civil time were UTC.
    public var secondsAsUTC: Int64 {
        let shiftedYear = Int64(month <= 2 ? year - 1 : year)
        let (era, remainder) = shiftedYear.floorDividedWithRemainder(by: 400)
        let yearOfEra = Int64(remainder)
        let monthFromMarch = Int64(month > 2 ? month - 3 : month + 9)
        let dayOfYear = (153 * monthFromMarch + 2) / 5 + Int64(day) - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        let days = era * 146_097 + dayOfEra - 719_468
        return days * 86_400 + Int64(hour * 3_600 + minute * 60 + second)
    }

    /// The instant this civil time names in a zone `offset` seconds east of UTC.
    public func timestamp(offset: Int) -> Timestamp {
        Timestamp(seconds: secondsAsUTC - Int64(offset), nanoseconds: Int64(nanosecond))
    }

    private static func daysInMonth(year: Int, month: Int) -> Int {
        switch month {
        case 2:
            let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
            return isLeap ? 29 : 28
        case 4, 6, 9, 11: return 30
        default: return 31
        }
    }
}

extension Timestamp {
    /// RFC 3339 in UTC, cut to milliseconds: `2026-06-13T08:55:01.123Z`.
    public var text: String {
        let (second, nanosecond) = nanoseconds.floorDividedWithRemainder(by: 1_000_000_000)
        let civil = CivilTime(unixSecond: second)
        let milliseconds = nanosecond / 1_000_000
        var text: [UInt8] = []
        text.append(addingCapacity: 24) { output in
            output.append(minuteOf: civil)
            output.append(UInt8(ascii: ":"))
            output.append(twoDigits: civil.second)
            output.append(UInt8(ascii: "."))
            output.append(digit: milliseconds / 100)
            output.append(twoDigits: milliseconds % 100)
            output.append(UInt8(ascii: "Z"))
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// The minute in UTC, as the `latency` table names it: `2026-06-13T08:55Z`.
    public var minuteText: String {
        var text: [UInt8] = []
        text.append(addingCapacity: 17) { output in
            output.append(minuteOf: CivilTime(unixSecond: unixSecond))
            output.append(UInt8(ascii: "Z"))
        }
        return String(decoding: text, as: UTF8.self)
    }
}

extension Timestamp {
    /// The time that ``text`` wrote, to the millisecond; nil where it wrote nothing of the kind.
    public init?(text: String) {
        let bytes = text.utf8.span
        guard bytes.count == 24, let civil = CivilTime(iso8601: bytes, at: 0),
            bytes.hasByte(UInt8(ascii: "."), at: 19),
            let milliseconds = bytes.number(at: 20, width: 3),
            bytes.hasByte(UInt8(ascii: "Z"), at: 23)
        else { return nil }
        self = civil.timestamp(offset: 0)
            .advanced(byNanoseconds: Int64(milliseconds) * 1_000_000)
    }

    /// The beginning of the minute that ``minuteText`` wrote; nil where it wrote nothing of the
    /// kind.
    public init?(minuteText text: String) {
        guard text.utf8.last == UInt8(ascii: "Z") else { return nil }
        self.init(text: "\(text.dropLast()):00.000Z")
    }
}

extension OutputSpan<UInt8> {
    /// `2026-06-13T08:55`
    fileprivate mutating func append(minuteOf civil: CivilTime) {
        append(twoDigits: civil.year / 100)
        append(twoDigits: civil.year % 100)
        append(UInt8(ascii: "-"))
        append(twoDigits: civil.month)
        append(UInt8(ascii: "-"))
        append(twoDigits: civil.day)
        append(UInt8(ascii: "T"))
        append(twoDigits: civil.hour)
        append(UInt8(ascii: ":"))
        append(twoDigits: civil.minute)
    }

    fileprivate mutating func append(twoDigits value: Int) {
        append(digit: value / 10)
        append(digit: value % 10)
    }

    fileprivate mutating func append(digit: Int) {
        append(UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: digit))
    }
}
