import Foundation
import LogTail
import TestSupport
import Testing

@testable import CLI

@Suite struct HistogramTests {
    private func histogram(_ values: [Double]) -> Histogram {
        var sketch = LatencySketch()
        for value in values { sketch.record(value) }
        return Histogram(sketch)
    }

    @Test func `each latency is in the bar that its bounds say`() {
        var random = SeededGenerator()
        for _ in 0..<200 {
            let spread = Double.random(in: 0.01...8, using: &random)
            let values = (0..<50).map { _ in pow(10, Double.random(in: 0...spread, using: &random))
            }
            let histogram = histogram(values)
            #expect(histogram.bars.count <= 72)
            for bar in histogram.bars {
                let expected = values.count { $0 >= bar.lower && $0 < bar.upper }
                #expect(Int64(expected) == bar.count)
            }
            #expect(histogram.bars.reduce(0) { $0 + $1.count } == 50)
            let neighbours = zip(histogram.bars, histogram.bars.dropFirst())
            #expect(neighbours.allSatisfy { $0.upper == $1.lower })
        }
    }

    @Test func `what is too small to tell from 0 is counted apart`() {
        let histogram = histogram([0, 0, -1, 5])
        #expect(histogram.zeros == 3)
        #expect(histogram.bars.count == 1)
        #expect(self.histogram([0]).bars.isEmpty)
        #expect(self.histogram([]).zeros == 0)
    }
}
