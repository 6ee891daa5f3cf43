internal import Observers

/// A round length of time, by which a window is cut into stretches and an axis gets its ticks.
///
/// Stretches begin at round times of the zone, so that a day is a day of the place also where its
/// clocks change.
enum TimeStep: Equatable {
    /// So many minutes; a whole part or a multiple of a day.
    case minutes(Int64)
    /// So many months; a whole part or a multiple of a year.
    case months(Int64)

    private static let hour: Int64 = 60
    private static let day: Int64 = 1_440
    private static let week: Int64 = 7 * day
    /// 1970-01-05 was a Monday.
    private static let firstMonday: Int64 = 4 * day

    /// What a person would choose from, shortest first.
    static let all: [TimeStep] =
        [1, 2, 5, 10, 15, 30, hour, 2 * hour, 3 * hour, 6 * hour, 12 * hour, day, 2 * day, week]
        .map { .minutes($0) } + [1, 3, 6].map { .months($0) }
        + [1, 2, 5, 10, 20, 50, 100].map { .months(12 * $0) }

    /// The shortest step that cuts the window (minutes since the epoch) into at most `count`
    /// stretches, not counting the one that is cut off at its beginning.
    static func fitting(_ window: Range<Int64>, atMost count: Int64) -> TimeStep {
        all.first { Int64(window.count) <= $0.typicalMinutes * count } ?? all[all.count - 1]
    }

    /// How long a step is, in minutes; of months, about.
    private var typicalMinutes: Int64 {
        switch self {
        case .minutes(let minutes): minutes
        // 30.4 days.
        case .months(let months): months * 43_800
        }
    }

    /// True where stretches are shorter than a day.
    var isWithinDay: Bool { typicalMinutes < Self.day }

    /// True where they are a month or longer.
    var isMonths: Bool { if case .months = self { true } else { false } }

    /// Where stretches begin, in minutes since the epoch: the last such time not after the
    /// window's beginning, all within it, and the first not before its end.
    func boundaries(of window: Range<Int64>, in zone: Zone) -> [Int64] {
        // Clocks that change may put two steps onto one time, or the first behind the window.
        let first = index(ofMinute: window.lowerBound, zone) - 1
        var boundaries: [Int64] = []
        // Of times that no calendar names there would be no end; a month is 28 days at least.
        for index in first...first + Int64(window.count) * 11 / 10 / typicalMinutes + 6 {
            let minute = minute(ofIndex: index, zone, near: window.lowerBound)
            if minute <= window.lowerBound || boundaries.isEmpty {
                boundaries = [min(minute, window.lowerBound)]
            } else if minute > boundaries[boundaries.count - 1] {
                boundaries.append(minute)
            }
            if minute >= window.upperBound { break }
        }
        if boundaries[boundaries.count - 1] < window.upperBound {
            boundaries.append(window.upperBound)
        }
        return boundaries
    }

    /// How many steps of local time lie before a minute.
    private func index(ofMinute minute: Int64, _ zone: Zone) -> Int64 {
        let local = minute + Int64(zone.offset(minute * 60)) / 60
        switch self {
        case .minutes(let step): return (local - origin).floorDivided(by: step)
        case .months(let step):
            let civil = CivilTime(unixSecond: local * 60)
            return (Int64(civil.year) * 12 + Int64(civil.month) - 1).floorDivided(by: step)
        }
    }

    private func minute(ofIndex index: Int64, _ zone: Zone, near minute: Int64) -> Int64 {
        switch self {
        case .minutes(let step):
            let local = origin + index * step
            // In the hour that comes twice each minute is one of its own.
            if step <= Self.hour { return local - Int64(zone.offset(minute * 60)) / 60 }
            return Self.minute(ofLocal: local, zone)
        case .months(let step):
            let month = index * step
            guard
                let civil = CivilTime(
                    year: Int(month.floorDivided(by: 12)), month: Int(month % 12) + 1, day: 1)
            else { return 0 }
            return Self.minute(ofLocal: civil.secondsAsUTC / 60, zone)
        }
    }

    private var origin: Int64 { self == .minutes(Self.week) ? Self.firstMonday : 0 }

    private static func minute(ofLocal local: Int64, _ zone: Zone) -> Int64 {
        var clock = LocalClock(zone: zone, notBefore: nil)
        return clock.timestamp(of: CivilTime(unixSecond: local * 60)).unixMinute
    }
}
