import Observers
import TestSupport
import Testing

@testable import LogTail

/// Within the lateness, the order in which lines arrive changes nothing.
@Suite struct EpisodeOrderTests {
    /// A line as a log holds it: when it was written, and its breach.
    struct Line {
        var written: Double
        var breach: Breach
    }

    static let quiet = 500.0
    static let lateness = 15_000.0

    @Test func `every order of a small burst gives the same episodes`() {
        var random = SeededGenerator()
        for round in 0..<50 {
            let breaches = Self.breaches(1 + round % 6, within: 4_000, &random)
            let groups = oracle.episodes(of: breaches)
            for order in Self.permutations(of: Array(breaches.indices)) {
                // Each is written after all happened and while the first may still be late.
                let lines = order.enumerated().map { place, index in
                    Line(written: 4_000 + Double(place * 1_800), breach: breaches[index])
                }
                #expect(differences(episodes(of: lines), groups) == [])
            }
        }
    }

    @Test func `a long log with lines as late as they may be gives the same episodes`() {
        var random = SeededGenerator()
        for round in 0..<20 {
            let breaches = Self.breaches(400, within: 200_000, &random)
            let groups = oracle.episodes(of: breaches)
            var results: [[Episode]] = []
            for _ in 0..<3 {
                let lines = breaches.map { breach in
                    let delay = Double.random(in: 0...Self.lateness, using: &random)
                    return Line(
                        written: Double(breach.eventTime.nanoseconds) / 1e6 + delay, breach: breach)
                }
                let ordered = lines.sorted { $0.written < $1.written }
                results.append(episodes(of: ordered, restoring: round == 0))
            }
            #expect(differences(results[0], groups) == [])
            #expect(results[1] == results[0])
            #expect(results[2] == results[0])
        }
    }

    @Test func `sums do not depend on the order either, to the last bit`() {
        var random = SeededGenerator()
        let latencies = (0..<500).map { _ in Double.random(in: 0.001...1e7, using: &random) }
        func sum(_ latencies: [Double]) -> Double {
            var sum = LatencySum(0)
            for latency in latencies { sum.add(LatencySum(latency)) }
            return sum.milliseconds
        }
        let expected = sum(latencies)
        #expect(abs(expected - latencies.reduce(0, +)) < expected * 1e-12)
        for _ in 0..<20 { #expect(sum(latencies.shuffled(using: &random)) == expected) }
    }

    // MARK: - Parts

    private var oracle: EpisodeOracle { EpisodeOracle(quiet: Int64(Self.quiet * 1e6)) }

    /// Breaches clustered so that gaps of exactly the quiet time, just below and just above it,
    /// equal times and equal peaks all occur.
    private static func breaches(
        _ count: Int, within span: Double, _ random: inout SeededGenerator
    ) -> [Breach] {
        var time = Double.random(in: 0..<span, using: &random)
        return (0..<count).map { index in
            let step = [0, quiet, quiet + 0.000_001, quiet - 0.000_001, 130, -260.5, 2 * quiet]
            time += step.randomElement(using: &random) ?? 0
            if time < 0 || time > span || Int.random(in: 0..<4, using: &random) == 0 {
                time = Double.random(in: 0..<span, using: &random)
            }
            let latency = Bool.random(using: &random) ? 700 : Double.random(in: 500..<3_000)
            let queued = Double.random(in: 0...1, using: &random) * latency
            return .at(
                time, latency: latency, queued: queued,
                severity: latency >= 2_000 ? .stall : .degraded,
                stage: ["deep_copy", "memory_context", nil].randomElement(using: &random) ?? nil,
                offset: Int64(index))
        }
    }

    private static func permutations(of items: [Int]) -> [[Int]] {
        guard let first = items.first else { return [[]] }
        return permutations(of: Array(items.dropFirst())).flatMap { rest in
            (0...rest.count).map { place in
                Array(rest[..<place]) + [first] + Array(rest[place...])
            }
        }
    }

    private func episodes(of lines: [Line], restoring: Bool = false) -> [Episode] {
        var coalescer = EpisodeCoalescer(
            quiet: Int64(Self.quiet), lateness: Int64(Self.lateness), maximumSpan: .max)
        var closed: [Episode] = []
        for line in lines {
            closed += coalescer.line(at: line.written, line.breach)
            if restoring, let restored = try? coalescer.restored() {
                #expect(restored == coalescer)
                coalescer = restored
            }
        }
        closed += coalescer.closeAll()
        return closed.sorted { $0.first < $1.first }
    }

    private func differences(_ episodes: [Episode], _ groups: [[Breach]]) -> [String] {
        guard episodes.count == groups.count else {
            return ["\(episodes.count) episodes, not \(groups.count)"]
        }
        return zip(episodes, groups).flatMap { episode, group in
            oracle.differences(episode, group)
                + (episode.isLate || episode.isContinued ? ["late or continued"] : [])
        }
    }
}
