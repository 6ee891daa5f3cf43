internal import Checkpoint
public import Observers

/// A burst of breaches, what one stall did to the requests it met.
///
/// An episode of one breach is the smallest there is, and episodes grow only by merging. Merging
/// is commutative and associative, so the order in which lines arrive cannot matter.
public struct Episode: Equatable, Sendable {
    /// How many breaches.
    public internal(set) var count: Int64
    /// The worst of them.
    public internal(set) var severity: Severity
    /// The largest latency, in milliseconds.
    public internal(set) var peakMilliseconds: Double
    /// The dominant stage of the breach with the largest latency; of equal ones, the earliest, and
    /// of those the one that sorts first.
    public internal(set) var dominantStage: String?
    /// The earliest beginning.
    public internal(set) var started: Timestamp
    /// The latest event time.
    public internal(set) var ended: Timestamp
    /// The latest beginning; where it is not after the first event time, everything between the
    /// two is common to all breaches.
    public internal(set) var latestBeginning: Timestamp
    /// True where it goes on from an episode that reached its maximum span.
    public internal(set) var isContinued: Bool
    /// True where its line came after an episode of that time would have closed.
    public internal(set) var isLate: Bool

    /// The breach with the earliest event time; the episode's key comes from it.
    var first: Place
    /// The digest of its line. Two generations can each have a breach at that place; then it is
    /// the lower one.
    var firstLine: Digest
    /// The breach with the largest latency.
    var peak: Place
    /// All latencies together.
    var sum: LatencySum

    /// Where a breach stands in the order of breaches: by event time, then offset.
    struct Place: Comparable, Sendable {
        var eventTime: Timestamp
        var offset: Int64

        static func < (left: Place, right: Place) -> Bool {
            (left.eventTime, left.offset) < (right.eventTime, right.offset)
        }
    }

    /// Takes in the breaches of another episode.
    mutating func merge(_ other: Episode) {
        count = count.addingSaturating(other.count)
        severity = max(severity, other.severity)
        started = min(started, other.started)
        ended = max(ended, other.ended)
        latestBeginning = max(latestBeginning, other.latestBeginning)
        isContinued = isContinued || other.isContinued
        isLate = isLate || other.isLate
        sum.add(other.sum)
        let isHigher = other.peakMilliseconds > peakMilliseconds
        let isEarlier = (other.peak, other.dominantStage ?? "") < (peak, dominantStage ?? "")
        if isHigher || (other.peakMilliseconds == peakMilliseconds && isEarlier) {
            peakMilliseconds = other.peakMilliseconds
            dominantStage = other.dominantStage
            peak = other.peak
        }
        if (other.first, other.firstLine) < (first, firstLine) {
            first = other.first
            firstLine = other.firstLine
        }
    }

    /// The earliest event time.
    public var firstEventTime: Timestamp { first.eventTime }

    /// All latencies together, in milliseconds; not below the peak.
    public var sumMilliseconds: Double { max(peakMilliseconds, sum.milliseconds) }

    /// From the earliest beginning to the latest event time, in milliseconds.
    public var spanMilliseconds: Double { ended.milliseconds(since: started) }

    /// What all breaches have in common, the sharpest bounds of a single stall that held them all
    /// up; nil where they have nothing in common.
    public var core: ClosedRange<Timestamp>? {
        latestBeginning <= firstEventTime ? latestBeginning...firstEventTime : nil
    }
}

extension Episode {
    /// The episode of one breach.
    init(of breach: Breach) {
        count = 1
        severity = breach.severity
        peakMilliseconds = breach.latencyMilliseconds
        dominantStage = breach.dominantStage
        started = breach.began
        ended = breach.eventTime
        latestBeginning = started
        isContinued = false
        isLate = false
        first = Place(eventTime: breach.eventTime, offset: breach.offset)
        firstLine = breach.line
        peak = first
        sum = LatencySum(breach.latencyMilliseconds)
    }

    /// The column `detail`: what the episode tells, as a compact JSON object.
    public var detail: String {
        var json = JSONWriter()
        json.object { json in
            json.field("count", count)
            json.field("peak_ms", peakMilliseconds)
            json.field("dominant_stage", dominantStage)
            json.field("started", started.text)
            json.field("ended", ended.text)
            json.field("span_ms", spanMilliseconds)
            json.field("core") { json in
                guard let core else { return json.raw("null") }
                json.object { json in
                    json.field("started", core.lowerBound.text)
                    json.field("ended", core.upperBound.text)
                    json.field("span_ms", core.upperBound.milliseconds(since: core.lowerBound))
                }
            }
            json.field("sum_ms", sumMilliseconds)
            if isContinued { json.field("continued", true) }
            if isLate { json.field("late", true) }
        }
        return json.text
    }

    /// The row of the episode, for `source`, published under the name `event`.
    public func event(source: String, event: String) -> Event {
        Event(
            seed: EventSeed(
                source: source, kind: .stallEpisode, offset: first.offset, line: firstLine),
            timestamp: started, source: source, event: event, kind: .stallEpisode,
            status: severity == .stall ? .stall : .degraded,
            durationMilliseconds: peakMilliseconds, stage: dominantStage, detail: detail)
    }
}
