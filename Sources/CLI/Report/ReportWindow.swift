internal import Foundation
internal import Observers

/// The stretch of time that a report is about, and how it is told.
struct ReportWindow {
    /// Minutes since the epoch.
    let minutes: Range<Int64>
    let zone: Zone
    /// What the zone is called: `UTC`, `Europe/Berlin`.
    let zoneName: String
    /// The window in the headline: ` yesterday`, ` in the last 24 hours`; empty where a headline
    /// does without.
    private(set) var phrase = ""

    private static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September",
        "October", "November", "December",
    ]

    /// The window of those minutes, which was asked for by `since` and `until` as of `now`.
    init(
        minutes: Range<Int64>, zone: Zone, zoneName: String, since: QueryTime?,
        until: QueryTime?, now: Timestamp
    ) {
        self.minutes = minutes
        self.zone = zone
        self.zoneName = zoneName
        phrase = phrase(since, until, now)
    }

    /// From when to when, with the zone: `13 June 2026, 08:00 to 12:30 UTC`.
    var title: String {
        let end = minutes.upperBound
        let first = local(minutes.lowerBound)
        let last = local(end)
        if isWithinDay && isWhole { return "\(Self.day(first)), \(zoneText)" }
        if isWhole { return "\(Self.day(first)) to \(Self.day(local(end - 1))), \(zoneText)" }
        let to = isWithinDay && last.hour + last.minute > 0 ? "" : "\(Self.day(last)), "
        return "\(Self.day(first)), \(Self.clock(first)) to \(to)\(Self.clock(last)), \(zoneText)"
    }

    /// The zone with its offset, where that is one throughout the window.
    var zoneText: String {
        let first = zone.offset(minutes.lowerBound * 60)
        guard zoneName != "UTC", first == zone.offset(minutes.upperBound * 60 - 60) else {
            return zoneName
        }
        return "\(zoneName) (\(Wording.offset(first, minus: "−")))"
    }

    func local(_ minute: Int64) -> CivilTime {
        CivilTime(unixSecond: minute * 60 + Int64(zone.offset(minute * 60)))
    }

    /// A stretch of the window in few words: `13 Jun 08:00–08:15`, `13 Jun`, `June 2026`.
    func name(of stretch: Range<Int64>, _ step: TimeStep) -> String {
        let first = local(stretch.lowerBound)
        guard step.isWithinDay else {
            if step.isMonths { return "from \(Self.day(first))" }
            let last = local(stretch.upperBound - 1)
            let year = " \(first.year)"
            return Self.shortDay(first) == Self.shortDay(last)
                ? Self.shortDay(first) + year
                : "\(Self.shortDay(first)) to \(Self.shortDay(last))\(year)"
        }
        return "\(Self.shortDay(first)) \(Self.clock(first))–"
            + Self.clock(local(stretch.upperBound))
    }

    /// True where the window begins and ends at midnight.
    private var isWhole: Bool {
        [minutes.lowerBound, minutes.upperBound].map(local).allSatisfy {
            $0.hour == 0 && $0.minute == 0
        }
    }

    /// True where the window lies in one day.
    private var isWithinDay: Bool {
        Self.day(local(minutes.lowerBound)) == Self.day(local(minutes.upperBound - 1))
    }

    /// The day of a window that lies in one, and the zone: what captions name.
    var dayText: String {
        isWithinDay ? "\(Self.day(local(minutes.lowerBound))), \(zoneText)" : zoneText
    }

    /// A point in time to the second, as rows of a table have it: `2026-06-13 08:55:01`, without
    /// the day where ``dayText`` has told it.
    func text(of timestamp: Timestamp) -> String {
        let text = Wording.local(timestamp, zone).text.prefix(19).replacing("T", with: " ")
        return String(
            isWithinDay && minutes.contains(timestamp.unixMinute) ? text.suffix(8) : text[...])
    }

    /// `13 June 2026`
    static func day(_ time: CivilTime) -> String {
        "\(time.day) \(months[time.month - 1]) \(time.year)"
    }

    /// `13 Jun`
    static func shortDay(_ time: CivilTime) -> String { "\(time.day) \(month(time))" }

    /// `Jun`
    static func month(_ time: CivilTime) -> String { String(months[time.month - 1].prefix(3)) }

    /// `08:55`
    static func clock(_ time: CivilTime) -> String {
        String(format: "%02d:%02d", time.hour, time.minute)
    }
}

extension ReportWindow {
    /// How a headline names the window.
    private func phrase(_ since: QueryTime?, _ until: QueryTime?, _ now: Timestamp) -> String {
        if case .age(let seconds) = since, until == nil {
            return " in the last \(Self.length(seconds))"
        }
        guard since != nil, until != nil, isWithinDay, isWhole else { return "" }
        let day = Self.day(local(minutes.lowerBound))
        let yesterday = local(now.unixMinute).secondsAsUTC - 86_400
        return day == Self.day(CivilTime(unixSecond: yesterday)) ? " yesterday" : " on \(day)"
    }

    /// A length as an option has it: `24 hours`, `30 days`.
    private static func length(_ seconds: Int64) -> String {
        let units: [(Int64, String)] = [(86_400, "day"), (3_600, "hour"), (60, "minute")]
        // A day or two are told in hours: "the last day" could be yesterday.
        let (unit, name) =
            units.first { seconds % $0.0 == 0 && seconds >= ($0.1 == "day" ? 3 : 1) * $0.0 }
            ?? (1, "second")
        let count = seconds / unit
        return count == 1 ? name : "\(count) \(Wording.plural(name, count))"
    }
}
