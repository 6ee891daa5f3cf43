internal import ArgumentParser
internal import Observers

/// A point in time as a person or a script names it: an instant, a local time, or an age.
///
/// | form | example |
/// |---|---|
/// | RFC 3339 | `2026-06-13T08:55:01.123Z`, `2026-06-13T10:55:01+02:00` |
/// | local time | `2026-06-13`, `2026-06-13 10:55`, `2026-06-13 10:55:01` |
/// | age | `90s`, `5m`, `2h`, `1d` |
enum QueryTime: Equatable {
    /// An instant.
    case instant(Timestamp)
    /// A time of the place.
    case local(CivilTime)
    /// That many seconds before now.
    case age(seconds: Int64)

    /// The instant meant at `now` in `zone`. Of a local time that comes twice it is the earlier
    /// one, so that nothing is left out of what lies since then.
    func timestamp(now: Timestamp, zone: Zone) -> Timestamp {
        switch self {
        case .instant(let timestamp): return timestamp
        case .local(let time):
            var clock = LocalClock(zone: zone, notBefore: nil)
            return clock.timestamp(of: time)
        case .age(let seconds):
            let age = Timestamp(seconds: seconds)
            return now.advanced(byNanoseconds: 0 - age.nanoseconds)
        }
    }
}

extension QueryTime: ExplainedArgument {
    static let accepted =
        "a time of RFC 3339, a local one (YYYY-MM-DD, also with HH:MM or HH:MM:SS) or an age "
        + "(90s, 5m, 2h, 1d)"

    /// A time in any of the forms above; nil where the text has none of them.
    init?(argument: String) {
        guard let time = Self.age(argument) ?? Self.absolute(argument) else { return nil }
        self = time
    }

    private static func age(_ text: String) -> QueryTime? {
        let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3_600, "d": 86_400]
        guard let unit = text.last.flatMap({ units[$0] }) else { return nil }
        let digits = text.dropLast()
        guard !digits.isEmpty, digits.allSatisfy({ $0.isASCII && $0.isNumber }),
            let count = Int64(digits)
        else { return nil }
        let (seconds, overflow) = count.multipliedReportingOverflow(by: unit)
        return overflow ? nil : .age(seconds: seconds)
    }

    private static func absolute(_ text: String) -> QueryTime? {
        var scanner = TimeScanner(text)
        guard let day = scanner.day() else { return nil }
        guard !scanner.isAtEnd else {
            return CivilTime(year: day.year, month: day.month, day: day.day).map { .local($0) }
        }
        guard scanner.take(anyOf: "Tt "), let clock = scanner.clock(),
            let time = CivilTime(
                year: day.year, month: day.month, day: day.day, hour: clock.hour,
                minute: clock.minute, second: clock.second, nanosecond: clock.nanosecond)
        else { return nil }
        if scanner.isAtEnd { return .local(time) }
        guard let offset = scanner.zoneOffset(), scanner.isAtEnd else { return nil }
        return .instant(time.timestamp(offset: offset))
    }
}

/// Takes the parts of a written time off the front of a text.
private struct TimeScanner {
    private var rest: ArraySlice<UInt8>

    init(_ text: String) {
        rest = Array(text.utf8)[...]
    }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func take(anyOf characters: String) -> Bool {
        guard let first = rest.first, characters.utf8.contains(first) else { return false }
        rest.removeFirst()
        return true
    }

    /// `YYYY-MM-DD`
    mutating func day() -> (year: Int, month: Int, day: Int)? {
        guard let year = number(digits: 4), take(anyOf: "-"), let month = number(digits: 2),
            take(anyOf: "-"), let day = number(digits: 2)
        else { return nil }
        return (year, month, day)
    }

    /// `HH:MM`, `HH:MM:SS` or `HH:MM:SS.fraction`
    mutating func clock() -> (hour: Int, minute: Int, second: Int, nanosecond: Int)? {
        guard let hour = number(digits: 2), take(anyOf: ":"), let minute = number(digits: 2)
        else { return nil }
        guard take(anyOf: ":") else { return (hour, minute, 0, 0) }
        guard let second = number(digits: 2) else { return nil }
        guard take(anyOf: ".") else { return (hour, minute, second, 0) }
        var nanosecond = 0
        var unit = 100_000_000
        guard let first = digit() else { return nil }
        nanosecond = first * unit
        while let next = digit() {
            unit /= 10
            nanosecond += next * unit
        }
        return (hour, minute, second, nanosecond)
    }

    /// `Z`, `+HH:MM` or `+HHMM`, in seconds east of UTC.
    mutating func zoneOffset() -> Int? {
        if take(anyOf: "Zz") { return 0 }
        let isWest = rest.first == UInt8(ascii: "-")
        guard take(anyOf: "+-"), let hours = number(digits: 2), hours < 24 else { return nil }
        _ = take(anyOf: ":")
        guard let minutes = number(digits: 2), minutes < 60 else { return nil }
        let seconds = hours * 3_600 + minutes * 60
        return isWest ? -seconds : seconds
    }

    private mutating func number(digits count: Int) -> Int? {
        var value = 0
        for _ in 0..<count {
            guard let digit = digit() else { return nil }
            value = value * 10 + digit
        }
        return value
    }

    private mutating func digit() -> Int? {
        guard let first = rest.first, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first)
        else { return nil }
        rest.removeFirst()
        return Int(first) - 0x30
    }
}
