import Foundation
import Observers
import TestSupport
import Testing

@testable import LogTail

/// What a checkpoint keeps of open episodes.
@Suite struct EpisodeStateTests {
    /// As version 1 wrote it; it stays readable for ever.
    static let sample = """
        {"v":1,"clock":1795226331949000000,"open":[{"count":2,"severity":2,\
        "stage":"read_request_json","started":1795226329357000000,\
        "latest_beginning":1795226331000000123,"first":1795226331939000000,\
        "ended":1795226331949000000,"offset":4096,\
        "line":"0123456789abcdeffedcba9876543210","peak_ms":2591.5650819999883,\
        "peak_at":1795226331949000000,"peak_offset":5120,\
        "sum":"95746607629480566456320","continued":true,"late":false}]}
        """

    private func text(_ coalescer: EpisodeCoalescer) -> String {
        var json = JSONWriter()
        coalescer.writeState(to: &json)
        return json.text
    }

    private func state(_ text: String) throws -> EpisodeState {
        try JSONDecoder().decode(EpisodeState.self, from: Data(text.utf8))
    }

    @Test func `reads what version 1 wrote and writes the same`() throws {
        var coalescer = EpisodeCoalescer(
            rules: EpisodeCoalescer().rules, state: try state(Self.sample))
        #expect(text(coalescer) == Self.sample)
        #expect(coalescer.clock?.nanoseconds == 1_795_226_331_949_000_000)
        let episode = try #require(coalescer.closeAll().first)
        #expect(episode.count == 2)
        #expect(episode.severity == .stall)
        #expect(episode.sumMilliseconds == 5_190.434)
        #expect(episode.isContinued && !episode.isLate)
    }

    @Test func `an empty coalescer comes back empty`() throws {
        let coalescer = EpisodeCoalescer()
        #expect(text(coalescer) == #"{"v":1,"clock":null,"open":[]}"#)
        #expect(try coalescer.restored() == coalescer)
    }

    @Test func `a restart between any two lines changes nothing`() throws {
        var random = SeededGenerator()
        for _ in 0..<20 {
            var plain = EpisodeCoalescer(quiet: 500, lateness: 2_000, maximumSpan: 3_000)
            var restarted = plain
            var time = 1.795e12
            for offset in 0..<150 {
                time += Double.random(in: 0...400, using: &random)
                let latency = Double.random(in: 500...5_000, using: &random)
                let breach = Breach.at(
                    time - Double.random(in: 0...3_000, using: &random), latency: latency,
                    queued: Double.random(in: 0...latency, using: &random),
                    stage: "\u{0}\"\\ é\u{2028}😀", offset: Int64(offset))
                let isBreach = Int.random(in: 0..<3, using: &random) == 0
                let closed = plain.line(at: time, isBreach ? breach : nil)
                #expect(restarted.line(at: time, isBreach ? breach : nil) == closed)
                restarted = try restarted.restored()
                #expect(restarted == plain)
            }
            #expect(restarted.closeAll() == plain.closeAll())
        }
    }

    @Test func `extremes come back exactly`() throws {
        for latency in [
            Double.greatestFiniteMagnitude, .leastNonzeroMagnitude, 0.1 + 0.2, 1e16, 123_456.7e-3,
        ] {
            var coalescer = EpisodeCoalescer()
            for time in [Int64.min, 0, .max] {
                var breach = Breach.at(0, latency: latency, offset: .max)
                breach.eventTime = Timestamp(nanoseconds: time)
                _ = coalescer.add(breach)
            }
            #expect(try coalescer.restored() == coalescer)
        }
    }

    @Test(arguments: [
        "", "null", "[]", "{}", #"{"v":1}"#, #"{"v":2,"clock":null,"open":[]}"#,
        #"{"v":1,"clock":"now","open":[]}"#, #"{"v":1,"clock":1.5,"open":[]}"#,
        #"{"v":1,"clock":null,"open":[{}]}"#,
        sample.replacingOccurrences(of: "0123456789abcdef", with: "0123456789abcdex"),
        sample.replacingOccurrences(of: #""severity":2"#, with: #""severity":3"#),
        sample.replacingOccurrences(of: #""9574660"#, with: #""-9574660"#),
        sample.replacingOccurrences(of: #""offset":4096"#, with: #""offset":null"#),
        sample.replacingOccurrences(of: "2591.5650819999883", with: "null"),
    ])
    func `anything else is refused`(_ text: String) {
        #expect(throws: DecodingError.self) { try state(text) }
    }
}
