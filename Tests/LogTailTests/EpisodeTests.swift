import Checkpoint
import Foundation
import Observers
import Testing

@testable import LogTail

/// What an episode says about its breaches.
@Suite struct EpisodeTests {
    @Test func `its detail is the object of the contract`() {
        var episode = Episode(
            of: .at(2_000.5, latency: 1_500.25, queued: 1_000, stage: "deep_copy", offset: 7))
        episode.merge(
            Episode(
                of: .at(
                    2_300, latency: 2_600, severity: .stall, stage: "compression_first_stage",
                    offset: 9)))
        #expect(
            episode.detail == """
                {"count":2,"peak_ms":2600.0,"dominant_stage":"compression_first_stage",\
                "started":"1969-12-31T23:59:59.700Z","ended":"1970-01-01T00:00:02.300Z",\
                "span_ms":2600.0,"core":{"started":"1970-01-01T00:00:01.500Z",\
                "ended":"1970-01-01T00:00:02.000Z","span_ms":500.25},"sum_ms":4100.25}
                """)
    }

    @Test func `continued and late are there only when true, core is null where there is none`() {
        var episode = Episode(of: .at(1_000, latency: 100))
        episode.merge(Episode(of: .at(1_500, latency: 100, offset: 1)))
        #expect(episode.detail.contains(#""core":null,"sum_ms":200.0}"#))
        #expect(episode.detail.contains(#""dominant_stage":null"#))
        episode.isContinued = true
        episode.isLate = true
        #expect(episode.detail.hasSuffix(#""sum_ms":200.0,"continued":true,"late":true}"#))
    }

    @Test func `its row starts where the burst does and is as bad as the worst breach`() {
        let first = Breach.at(1_000, latency: 700, offset: 12)
        let second = Breach.at(1_200, latency: 2_600, severity: .stall, offset: 3)
        var episode = Episode(of: second)
        episode.merge(Episode(of: first))
        let event = episode.event(source: "headroom-proxy", event: "log.overhead")
        #expect(event.kind == .stallEpisode)
        #expect(event.status == .stall)
        #expect(event.timestamp == .at(-1_400))
        #expect(event.durationMilliseconds == 2_600)
        #expect(event.source == "headroom-proxy")
        #expect(event.event == "log.overhead")
        #expect(event.detail == episode.detail)
        let seed = EventSeed(
            source: "headroom-proxy", kind: .stallEpisode, offset: 12, line: first.line)
        #expect(event.seed == seed)
        #expect(Episode(of: first).event(source: "s", event: "e").status == .degraded)
    }

    @Test func `of equal peaks the earlier names the stage, by event time, then by offset`() {
        let breaches = [
            Breach.at(1_000, latency: 900, stage: "c", offset: 30),
            Breach.at(1_000, latency: 900, stage: "b", offset: 20),
            Breach.at(1_100, latency: 900, stage: "a", offset: 10),
            Breach.at(900, latency: 899, stage: "d", offset: 0),
        ]
        for breaches in [breaches, breaches.reversed()] {
            var episode = Episode(of: breaches[0])
            for breach in breaches.dropFirst() { episode.merge(Episode(of: breach)) }
            #expect(episode.dominantStage == "b")
            #expect(episode.firstLine == Digest(of: ["line at 0"]))
        }
    }

    @Test func `breaches of equal time and offset make the same episode in every order`() {
        // The first lines of two generations: the older one may be written late.
        let breaches = ["x", "y", "z"].map { text in
            Breach(
                eventTime: .at(1_000), latencyMilliseconds: 900, queuedMilliseconds: 0,
                severity: .degraded, dominantStage: text == "y" ? nil : text, offset: 0,
                line: Digest(of: [text]))
        }
        let orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]]
        let episodes = orders.map { order in
            var episode = Episode(of: breaches[order[0]])
            for index in order.dropFirst() { episode.merge(Episode(of: breaches[index])) }
            return episode
        }
        for episode in episodes { #expect(episode == episodes[0]) }
    }

    @Test(arguments: [
        (600.0, 0.0, 400.0),
        (600, 250.5, 650.5),
        (600, 600, 1_000),
        (600, 700, 1_000),
        (600, -50, 400),
        (600, .nan, 400),
        (-5, 0, 1_000),
    ])
    func `the wait for a turn is not part of the stall`(
        _ latency: Double, _ queued: Double, _ began: Double
    ) {
        #expect(Breach.at(1_000, latency: latency, queued: queued).began == .at(began))
    }

    @Test func `intervals that touch have that point in common`() {
        var episode = Episode(of: .at(1_000, latency: 100))
        episode.merge(Episode(of: .at(1_100, latency: 100, offset: 1)))
        #expect(episode.core == Timestamp.at(1_000)...Timestamp.at(1_000))
    }

    private static let sums: [([Double], Double)] = [
        ([0.1, 0.2, 0.3], 0.6), ([1e15, 0.3], 1_000_000_000_000_000.3), ([600], 600),
        ([0x1p-64], 0x1p-64), ([0, -3, .nan, 2], 2), ([1e308, 1e308], 0x1p64),
        ([123_456.789_012_345], 123_456.789_012_345),
    ]

    @Test(arguments: sums)
    func `a sum is the double nearest to the exact one`(_ latencies: [Double], _ expected: Double) {
        var sum = LatencySum(0)
        for latency in latencies { sum.add(LatencySum(latency)) }
        #expect(sum.milliseconds == expected)
        #expect(LatencySum(units: sum.units) == sum)
    }

    @Test func `the sum is never below the peak, whatever a forged line claims`() {
        var episode = Episode(of: .at(1_000, latency: 1e308))
        episode.merge(Episode(of: .at(1_000, latency: 1e308)))
        #expect(episode.sumMilliseconds == 1e308)
    }
}
