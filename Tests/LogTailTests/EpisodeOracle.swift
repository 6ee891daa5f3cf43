import Observers

@testable import LogTail

/// What episodes a set of breaches makes, worked out the slow way: sort them, split them where
/// the gap is too wide, and look through each group for every figure.
struct EpisodeOracle {
    var quiet: Int64

    func episodes(of breaches: [Breach]) -> [[Breach]] {
        var groups: [[Breach]] = []
        for breach in breaches.sorted(by: Self.isBefore) {
            if let last = groups.last?.last,
                breach.eventTime.nanoseconds - last.eventTime.nanoseconds <= quiet
            {
                groups[groups.count - 1].append(breach)
            } else {
                groups.append([breach])
            }
        }
        return groups
    }

    /// What is wrong with `episode` as the episode of `group`; empty where it is right.
    func differences(_ episode: Episode, _ group: [Breach]) -> [String] {
        let peak = group.map(\.latencyMilliseconds).max() ?? 0
        let begins = group.map {
            $0.eventTime.nanoseconds
                - Int64((($0.latencyMilliseconds - $0.queuedMilliseconds) * 1e6).rounded())
        }
        let started = begins.min() ?? 0
        let coreStart = begins.max() ?? 0
        let coreEnd = group[0].eventTime.nanoseconds
        let sum = group.reduce(0) { $0 + $1.latencyMilliseconds }
        var differences: [String] = []
        func expect<Value: Equatable>(_ what: String, _ found: Value, _ right: Value) {
            if found != right { differences.append("\(what): \(found), not \(right)") }
        }
        expect("count", episode.count, Int64(group.count))
        expect("peak", episode.peakMilliseconds, peak)
        expect(
            "stage", episode.dominantStage,
            group.first { $0.latencyMilliseconds == peak }?.dominantStage)
        expect("severity", episode.severity, group.map(\.severity).max() ?? .normal)
        expect("started", episode.started.nanoseconds, started)
        expect("ended", episode.ended, group[group.count - 1].eventTime)
        expect(
            "core start", episode.core?.lowerBound.nanoseconds,
            coreStart > coreEnd ? nil : coreStart)
        expect(
            "core end", episode.core?.upperBound.nanoseconds, coreStart > coreEnd ? nil : coreEnd)
        expect("first", episode.first.offset, group[0].offset)
        expect("first line", episode.firstLine, group[0].line)
        expect("sum within 1e-12", abs(episode.sumMilliseconds - sum) <= sum * 1e-12, true)
        return differences
    }

    private static func isBefore(_ left: Breach, _ right: Breach) -> Bool {
        left.eventTime == right.eventTime
            ? left.offset < right.offset : left.eventTime < right.eventTime
    }
}
