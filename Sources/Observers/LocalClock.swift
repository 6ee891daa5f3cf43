/// Turns a log's local times, which carry no zone, into points in time.
///
/// Local time runs twice through an hour each autumn and leaves one out each spring, so a zone's
/// rule alone does not do: the order of the log's lines decides which of two readings is meant.
public struct LocalClock: Sendable {
    /// The largest offset from UTC that any place has used, in seconds.
    private static let largestOffset = 14 * 3_600

    /// Offsets are whole multiples of this many seconds.
    private static let offsetStep = 900

    /// Far enough from any instant to be on the other side of a change of offset near it.
    private static let day: Int64 = 86_400

    private let zone: Zone
    /// The latest time read so far; time does not run backwards from it.
    private var latest: Timestamp?

    /// A clock in `zone`, for a log in which `notBefore` is the latest time already read.
    public init(zone: Zone, notBefore: Timestamp?) {
        self.zone = zone
        latest = notBefore
    }

    /// The instant that `local` names: by `offset` (seconds east of UTC) where the line tells it,
    /// else by the zone.
    public mutating func timestamp(of local: CivilTime, offset: Int? = nil) -> Timestamp {
        let timestamp = local.timestamp(offset: offset ?? zoneOffset(at: local))
        latest = max(latest ?? timestamp, timestamp)
        return timestamp
    }

    /// The offset from UTC, in seconds, of a local time that is `elapsedMilliseconds` later than
    /// an instant known to the second; nil where no zone has such an offset.
    ///
    /// Offsets are quarters of an hour, so this holds up to seven minutes of error.
    public static func offset(
        of local: CivilTime, after unixSecond: Int64, elapsedMilliseconds: Double
    ) -> Int? {
        let difference = Double(local.secondsAsUTC.subtractingSaturating(unixSecond))
        let fraction = Double(local.nanosecond) / 1e9 - elapsedMilliseconds / 1_000
        let steps = ((difference + fraction) / Double(offsetStep)).rounded()
        guard abs(steps) <= Double(largestOffset / offsetStep) else { return nil }
        return Int(steps) * offsetStep
    }

    /// The zone's offset at a local time. In the hour that comes twice, the earlier reading,
    /// unless time would run backwards; in the hour left out, the offset before it, as mktime(3)
    /// and most calendars have it, which gives the instant that far after the change.
    private func zoneOffset(at local: CivilTime) -> Int {
        let second = local.secondsAsUTC
        let before = zone.offset(second - Self.day)
        let after = zone.offset(second + Self.day)
        guard before != after else { return before }
        let holdsBefore = zone.offset(second - Int64(before)) == before
        let holdsAfter = zone.offset(second - Int64(after)) == after
        guard holdsBefore, holdsAfter else { return holdsAfter ? after : before }
        let earlier = max(before, after)
        guard let latest, local.timestamp(offset: earlier) < latest else { return earlier }
        return min(before, after)
    }
}
