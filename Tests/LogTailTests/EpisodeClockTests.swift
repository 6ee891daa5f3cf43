import Observers
import Testing

@testable import LogTail

/// A line clock that was led astray finds back.
@Suite struct EpisodeClockTests {
    private let far = 3_600_000.0

    /// A coalescer whose clock was moved an hour ahead.
    private func misled() -> EpisodeCoalescer {
        var coalescer = EpisodeCoalescer(quiet: 500, lateness: 15_000)
        _ = coalescer.line(at: far)
        return coalescer
    }

    @Test func `ten lines in a row far behind the clock set it back to the latest of them`() {
        var coalescer = misled()
        for line in 0..<9 { _ = coalescer.line(at: 1_000 - Double(line)) }
        #expect(coalescer.clock == .at(far))
        _ = coalescer.line(at: 500)
        #expect(coalescer.clock == .at(1_000))
    }

    @Test func `a burst after one forged line becomes one episode again`() {
        var coalescer = misled()
        var closed: [Episode] = []
        for line in 0..<12 {
            let time = 1_000 + 100 * Double(line)
            closed += coalescer.line(at: time, .at(time, offset: Int64(line)))
        }
        #expect(closed.map(\.isLate) == Array(repeating: true, count: 9))
        #expect(coalescer.closeAll().map(\.count) == [3])
    }

    @Test(arguments: [59_999.0, 60_000.0])
    func `a line less than a minute behind is a late line`(_ behind: Double) {
        var coalescer = misled()
        for _ in 0..<30 { _ = coalescer.line(at: far - behind) }
        #expect(coalescer.clock == .at(far))
    }

    @Test func `with a longer lateness a line may be as far behind`() {
        var coalescer = EpisodeCoalescer(quiet: 500, lateness: 600_000)
        _ = coalescer.line(at: far)
        for _ in 0..<30 { _ = coalescer.line(at: far - 600_500) }
        #expect(coalescer.clock == .at(far))
        for _ in 0..<10 { _ = coalescer.line(at: far - 600_501) }
        #expect(coalescer.clock == .at(far - 600_501))
    }

    @Test func `a line that is near the clock in between starts the count again`() {
        var coalescer = misled()
        for line in 0..<40 {
            _ = coalescer.line(at: line % 10 == 9 ? far - 1_000 : 1_000)
        }
        #expect(coalescer.clock == .at(far))
    }

    @Test func `a restart in between forgets none of the ten`() throws {
        var coalescer = misled()
        for _ in 0..<9 {
            _ = coalescer.line(at: 1_000)
            coalescer = try coalescer.restored()
        }
        _ = coalescer.line(at: 900)
        #expect(coalescer.clock == .at(1_000))
        #expect(try coalescer.restored() == coalescer)
    }
}
