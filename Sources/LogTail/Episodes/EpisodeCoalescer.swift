public import Observers

/// How breaches become episodes. All times are nanoseconds.
public struct EpisodeRules: Equatable, Sendable {
    /// Event times further apart than this belong to different episodes.
    public var quiet: Int64
    /// How long after its event time a line may be written and still join its episode.
    public var lateness: Int64
    /// An episode whose breaches span this long is closed and continued by a new one.
    public var maximumSpan: Int64

    /// Rules from their options.
    public init(
        quietMilliseconds: Int64, latenessMilliseconds: Int64, maximumSpanMilliseconds: Int64
    ) {
        quiet = Self.nanoseconds(quietMilliseconds)
        lateness = Self.nanoseconds(latenessMilliseconds)
        maximumSpan = Self.nanoseconds(maximumSpanMilliseconds)
    }

    /// How long after its last event time an episode stays open: on the line clock, or on the
    /// monotonic clock when no marker line comes at all.
    public var closingDelay: Int64 { quiet.addingSaturating(lateness) }

    private static func nanoseconds(_ milliseconds: Int64) -> Int64 {
        let (product, overflow) = milliseconds.multipliedReportingOverflow(by: 1_000_000)
        return overflow ? .max : product
    }
}

/// Groups the breaches of one file into episodes: session windows over event time.
///
/// Pure: time is what the lines say. Lines of one stall come seconds apart and out of order, so
/// an episode stays open until the line clock, the latest time any line carried, has passed its
/// end by `quiet` and `lateness`; by then nothing that may still come can belong to it.
///
/// ```swift
/// for line in lines {
///     closed += coalescer.advance(to: line.timestamp)
///     if let breach = line.breach { closed += coalescer.add(breach) }
/// }
/// ```
public struct EpisodeCoalescer: Equatable, Sendable {
    /// Episodes that are open at once at most. Real logs have one or two; a forged one could
    /// open one with each line.
    public static let maximumOpen = 64

    /// How breaches become episodes.
    public let rules: EpisodeRules

    /// Lines in a row that are far behind the line clock until it is believed to be wrong. One
    /// is a late line; as many are a clock that was set back, or one line that was forged.
    static let linesToSetBack = 10

    /// Nothing is far behind the line clock that is not at least as far as this, nanoseconds.
    private static let leastFar: Int64 = 60_000_000_000

    /// The line clock: the latest time of any line with the marker, as far as it can be believed.
    public internal(set) var clock: Timestamp?

    /// The last lines, where they all were far behind the line clock.
    var behind: Behind?

    /// Lines in a row that were far behind the line clock.
    struct Behind: Equatable {
        var count: Int
        /// The latest time any of them carried.
        var latest: Timestamp
    }

    /// The open episodes. From first to last event time they do not overlap and are in order, so
    /// the first of them also ends first.
    var open: [Episode] = []

    /// A coalescer that has seen no line.
    public init(rules: EpisodeRules) {
        self.rules = rules
    }

    /// True while an episode waits to be closed.
    public var hasOpenEpisodes: Bool { !open.isEmpty }

    /// Moves the line clock to the time of a line with the marker, before its breach is added.
    /// - Returns: the episodes that this closes, oldest first.
    public mutating func advance(to timestamp: Timestamp) -> [Episode] {
        if let clock, timestamp <= clock {
            noteBehind(timestamp, clock)
            return []
        }
        behind = nil
        clock = timestamp
        guard let oldest = open.first, isPast(oldest.ended) else { return [] }
        let remaining = open.firstIndex { !isPast($0.ended) } ?? open.endIndex
        defer { open.removeSubrange(..<remaining) }
        return Array(open[..<remaining])
    }

    /// Sets the line clock back once the last lines were all far behind it. A line from the
    /// future would otherwise keep every later burst apart, one breach at a time, for ever.
    private mutating func noteBehind(_ timestamp: Timestamp, _ clock: Timestamp) {
        let far = max(rules.closingDelay, Self.leastFar)
        guard timestamp.advanced(byNanoseconds: far) < clock else {
            behind = nil
            return
        }
        let latest = max(behind?.latest ?? timestamp, timestamp)
        let count = (behind?.count ?? 0) + 1
        if count == Self.linesToSetBack {
            self.clock = latest
            behind = nil
        } else {
            behind = Behind(count: count, latest: latest)
        }
    }

    /// Adds a breach to the episode it belongs to, making one of those it connects, or opens one.
    /// - Returns: the episodes that this closes, oldest first.
    public mutating func add(_ breach: Breach) -> [Episode] {
        let near = neighbours(of: breach.eventTime)
        var episode = Episode(of: breach)
        if near.isEmpty, isPast(breach.eventTime) {
            episode.isLate = true
            return [episode]
        }
        var closed: [Episode] = []
        for neighbour in open[near] {
            let span = breach.eventTime.nanoseconds(since: neighbour.firstEventTime)
            if span >= rules.maximumSpan {
                closed.append(neighbour)
                episode.isContinued = true
            } else {
                episode.merge(neighbour)
            }
        }
        open.replaceSubrange(near, with: CollectionOfOne(episode))
        if open.count > Self.maximumOpen { closed.append(open.removeFirst()) }
        return closed
    }

    /// Closes what is open: there is nothing left to read, or the closing delay has gone by on
    /// the monotonic clock since the last line with the marker was read.
    /// - Returns: the episodes that were open, oldest first.
    public mutating func closeAll() -> [Episode] {
        defer { open.removeAll(keepingCapacity: true) }
        return open
    }

    /// Whether the line clock has passed `time` by more than the closing delay.
    private func isPast(_ time: Timestamp) -> Bool {
        guard let clock else { return false }
        return clock > time.advanced(byNanoseconds: rules.closingDelay)
    }

    /// The open episodes no further than `quiet` from `time`, or the place for a new one.
    private func neighbours(of time: Timestamp) -> Range<Int> {
        var lower = open.startIndex
        while lower < open.endIndex, time.nanoseconds(since: open[lower].ended) > rules.quiet {
            lower += 1
        }
        var upper = lower
        while upper < open.endIndex,
            open[upper].firstEventTime.nanoseconds(since: time) <= rules.quiet
        {
            upper += 1
        }
        return lower..<upper
    }
}
