import Foundation
import Observers
import TestSupport
import Testing

@testable import LogTail

@Suite struct EpisodeCoalescerTests {
    /// A timeline of lines, one column for 100 ms: `-` no line, `.` a line without a breach, a
    /// digit a line with a breach that ended so many columns before, `|` the end of the log.
    /// Beside it, what closes: column, number of breaches, `C` continued, `L` late. Here quiet is
    /// two columns and lateness five, so an episode closes eight columns after its last breach.
    @Test(arguments: [
        ("|", ""),
        ("...|", ""),
        ("0|", "1:1"),
        ("0-0-0...........|", "12:3"),
        ("0-0-0----------.|", "15:3"),
        // A gap of three columns splits, one of two does not.
        ("0--0|", "4:1 4:1"),
        ("0-0.0|", "5:3"),
        ("0--0-0......|", "8:1 12:2"),
        // Written late, it counts when it ended; it may join what began after it.
        ("0---0-3|", "7:1 7:2"),
        ("---0-4|", "6:2"),
        ("0------4.......|", "8:1 11:1"),
        // It makes one of two.
        ("0---0-4|", "7:3"),
        ("0---0---0-4-7|", "8:1 13:4"),
        ("0---0---0-4-8-......|", "8:1 16:4"),
        // Too late: on its own, and closed at once. Not where its episode is still open.
        ("0-------------7|", "14:1 15:1"),
        ("0-------------8|", "14:1 14:1L"),
        (".-------------88|", "14:1L 15:1L"),
        ("0-0-0-0-0-0-0-9|", "15:8"),
    ])
    func `episodes close when no line can join them any more`(_ log: String, _ closes: String) {
        #expect(Self.closings(log) == closes)
    }

    @Test(arguments: [
        ("0-0-0-0-0|", "6:3 9:2C"),
        ("0-0-0-0-0-0-0-0|", "6:3 12:3C 15:2C"),
        ("0----0|", "6:1 6:1"),
        // What is late and before the continuation joins it where it is near enough.
        ("0-0-0-01|", "6:3 8:2C"),
        ("0-0-0-0-2|", "6:3 9:2C"),
        ("0-0-0-0--6|", "6:3 10:1 10:1C"),
        // A line that connects the closed part with a third.
        ("0-0-0---0-4|", "10:3 11:2C"),
    ])
    func `an episode as long as the maximum span is closed and continued`(
        _ log: String, _ closes: String
    ) {
        #expect(Self.closings(log, maximumSpan: 6) == closes)
    }

    @Test func `a gap of exactly the quiet time does not split, a nanosecond more does`() {
        for (gap, count) in [(500.0, 1), (500.000_001, 2), (499.999_999, 1)] {
            var forwards = EpisodeCoalescer(lateness: 5_000)
            var backwards = EpisodeCoalescer(lateness: 5_000)
            _ = forwards.line(at: 2_000, .at(1_000))
            _ = forwards.line(at: 2_000, .at(1_000 + gap, offset: 1))
            _ = backwards.line(at: 2_000, .at(1_000 + gap, offset: 1))
            _ = backwards.line(at: 2_000, .at(1_000))
            #expect(forwards.closeAll().count == count)
            #expect(backwards.closeAll().count == count)
        }
    }

    @Test func `an episode closes a nanosecond after quiet and lateness, not before`() {
        var coalescer = EpisodeCoalescer(quiet: 500, lateness: 15_000)
        _ = coalescer.line(at: 1_000, .at(900))
        #expect(coalescer.line(at: 900 + 15_500).isEmpty)
        #expect(coalescer.hasOpenEpisodes)
        #expect(coalescer.line(at: 900 + 15_500.000_001).count == 1)
        #expect(!coalescer.hasOpenEpisodes)
    }

    @Test func `the line clock never goes back`() {
        var coalescer = EpisodeCoalescer()
        #expect(coalescer.clock == nil)
        _ = coalescer.line(at: 5_000)
        _ = coalescer.line(at: 1_000)
        #expect(coalescer.clock == .at(5_000))
    }

    @Test func `without any time on the lines nothing is late and nothing closes by itself`() {
        var coalescer = EpisodeCoalescer()
        #expect(coalescer.add(.at(9_000)).isEmpty)
        #expect(coalescer.add(.at(1_000)).isEmpty)
        #expect(coalescer.closeAll().map(\.ended) == [.at(1_000), .at(9_000)])
    }

    @Test func `the sixty-fifth open episode closes the oldest`() {
        var coalescer = EpisodeCoalescer(quiet: 500, lateness: 1_000_000)
        for index in 0..<64 {
            #expect(coalescer.line(at: 100_000, .at(Double(1_000 * (index + 1)))).isEmpty)
        }
        #expect(coalescer.line(at: 100_000, .at(90_000)).map(\.ended) == [.at(1_000)])
        // The oldest by event time, though it came last.
        #expect(coalescer.line(at: 100_000, .at(100)).map(\.ended) == [.at(100)])
        #expect(coalescer.closeAll().count == 64)
    }

    @Test func `no values a log may hold make it trap`() {
        var random = SeededGenerator()
        let doubles = [
            0, -0.0, 1e308, -1e308, .leastNonzeroMagnitude, 1e18, 9.3e12, -1, 600,
            .greatestFiniteMagnitude,
        ]
        let times: [Int64] = [.min, .min + 1, -1, 0, 1, .max - 1, .max, 1_795_226_331_000_000_000]
        for rules in [(Int64.max, Int64.max, Int64.max), (500, 15_000, 300_000), (0, 0, 0)] {
            var coalescer = EpisodeCoalescer(
                quiet: rules.0, lateness: rules.1, maximumSpan: rules.2)
            var counted: Int64 = 0
            var closed: [Episode] = []
            for offset in 0..<Int64(2_000) {
                var breach = Breach.at(
                    0, latency: doubles.randomElement(using: &random) ?? 0,
                    queued: doubles.randomElement(using: &random) ?? 0, offset: offset)
                breach.eventTime.nanoseconds = times.randomElement(using: &random) ?? 0
                let clock = times.randomElement(using: &random) ?? 0
                if offset % 3 == 0 { closed += coalescer.advance(to: .init(nanoseconds: clock)) }
                closed += coalescer.add(breach)
                counted += 1
                #expect(breach.began <= breach.eventTime)
            }
            closed += coalescer.closeAll()
            #expect(closed.reduce(0) { $0 + $1.count } == counted)
            for episode in closed {
                let json = try? JSONSerialization.jsonObject(with: Data(episode.detail.utf8))
                #expect(json is [String: Any], "\(episode.detail)")
            }
        }
    }

    // MARK: - Timelines

    private static func closings(_ log: String, maximumSpan: Int64 = 1_000) -> String {
        var coalescer = EpisodeCoalescer(
            quiet: 200, lateness: 500, maximumSpan: maximumSpan * 100)
        var closings: [String] = []
        for (column, character) in log.enumerated() {
            var closed: [Episode] = []
            let written = Double(column * 100)
            if let delay = character.wholeNumberValue {
                let breach = Breach.at(written - Double(delay * 100), offset: Int64(column))
                closed = coalescer.line(at: written, breach)
            } else if character == "." {
                closed = coalescer.line(at: written)
            } else if character == "|" {
                closed = coalescer.closeAll()
            }
            closings += closed.map { episode in
                "\(column):\(episode.count)" + (episode.isContinued ? "C" : "")
                    + (episode.isLate ? "L" : "")
            }
        }
        return closings.joined(separator: " ")
    }
}
