import Foundation
import TestSupport
import Testing

@testable import CLI

@Suite struct ScaleTests {
    private func names(_ values: [Double]) -> [String] {
        LogScale(covering: values).ticks.map(Wording.tick)
    }

    @Test func `latencies get round ticks, as many as can be read`() {
        #expect(names([120, 900]) == ["100 ms", "200 ms", "500 ms", "1 s"])
        #expect(names([3, 2_500]) == ["3 ms", "10 ms", "30 ms", "100 ms", "300 ms", "1 s", "3 s"])
        #expect(names([0.004, 40_000]).count <= 7)
        #expect(names([0.000_3]) == ["200 ns", "500 ns", "1 µs", "2 µs"])
        #expect(names([]) == ["1 ms", "2 ms", "5 ms", "10 ms"])
    }

    @Test func `equal factors are equal lengths, and nothing lies beyond the ends`() {
        let scale = LogScale(covering: [1, 1_000])
        #expect(abs(scale.fraction(of: 10) - 1 / 3.0) < 1e-9)
        #expect(scale.fraction(of: 0) == 0)
        #expect(scale.fraction(of: -1) == 0)
        #expect(scale.fraction(of: 1e9) == 1)
        #expect(scale.fraction(of: .infinity) == 1)
    }

    @Test func `every scale holds its values and ascends, whatever they are`() {
        var random = SeededGenerator()
        for _ in 0..<5_000 {
            let values = (0..<3).map { _ in pow(10, Double.random(in: -9...12, using: &random)) }
            let scale = LogScale(covering: values)
            #expect(scale.lower <= values.min()! * 1.000_01)
            #expect(scale.upper >= values.max()! * 0.999_99)
            let ticks = scale.ticks
            #expect((1...8).contains(ticks.count), "\(values)")
            #expect(zip(ticks, ticks.dropFirst()).allSatisfy { $0 < $1 })
        }
    }

    @Test func `counts get round steps from nothing on`() {
        #expect(CountScale(to: 7).ticks == [0, 2, 4, 6, 8])
        #expect(CountScale(to: 1).ticks == [0, 1])
        #expect(CountScale(to: 592).ticks == [0, 200, 400, 600])
        #expect(CountScale(to: 100).ticks == [0, 50, 100])
        #expect(CountScale(to: 0).ticks == [0, 1])
        #expect(CountScale(to: .max).ticks.count <= 6)
    }
}
