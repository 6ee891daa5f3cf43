import Foundation
import TestSupport
import Testing

@testable import LogTail

@Suite struct LatencySketchTests {
    static let quantiles = [0, 0.001, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 0.999, 0.9999, 1]

    @Test func `quantiles are within 1 % of exact on every distribution`() {
        var random = SeededGenerator()
        for (name, draw) in Self.distributions {
            for size in [1, 2, 7, 100, 3_000] {
                var sketch = LatencySketch()
                var values: [Double] = []
                for _ in 0..<size {
                    let value = draw(&random)
                    values.append(value)
                    sketch.record(value)
                }
                values.sort()
                #expect(sketch.count == Int64(size))
                for quantile in Self.quantiles {
                    let rank = max(1, Int((quantile * Double(size)).rounded(.up)))
                    let exact = values[rank - 1]
                    let found = sketch.quantile(quantile) ?? .nan
                    #expect(
                        abs(found - exact) <= 0.008 * exact,
                        "\(name), \(size) values, quantile \(quantile): \(found), not \(exact)")
                }
            }
        }
    }

    typealias Distribution = @Sendable (inout SeededGenerator) -> Double

    /// Latencies in milliseconds from a nanosecond to 34 years, and what is known to hurt.
    static let distributions: [(name: String, draw: Distribution)] = [
        ("uniform", { random in .random(in: 0.001...1_000, using: &random) }),
        ("exponential", { random in 1e-5 - 50 * log(.random(in: 1e-12..<1, using: &random)) }),
        ("Pareto", { random in 0.5 / pow(.random(in: 1e-8..<1, using: &random), 1.4) }),
        ("log-normal", { random in exp(2.5 * normal(&random)) }),
        ("all magnitudes", { random in exp2(Double.random(in: -20..<40, using: &random)) }),
        ("tiny", { random in .random(in: 0x1p-20...1e-4, using: &random) }),
        ("zero or large", { random in Bool.random(using: &random) ? 0 : 30_000 }),
        ("zero", { _ in 0 }),
        ("constant", { _ in 512.25 }),
        ("powers of two", { random in exp2(Double(Int.random(in: -20..<40, using: &random))) }),
        (
            "just below powers of two",
            { random in exp2(Double(Int.random(in: -19..<40, using: &random))).nextDown }
        ),
        (
            "two modes",
            { random in
                Bool.random(using: &random) ? 3 : Double.random(in: 2_800..<2_809, using: &random)
            }
        ),
    ]

    private static func normal(_ random: inout SeededGenerator) -> Double {
        let radius = sqrt(-2 * log(.random(in: 1e-6..<1, using: &random)))
        return radius * cos(2 * .pi * .random(in: 0..<1, using: &random))
    }

    @Test func `a bucket starts where the one before it ends`() {
        for bucket in LatencySketch.firstBucket + 1..<LatencySketch.lastBucket {
            let exponent = bucket >> 6
            let start = exp2(Double(exponent)) * (1 + Double(bucket & 63) / 64)
            #expect(LatencySketch.bucket(of: start) == bucket)
            #expect(LatencySketch.bucket(of: start.nextDown) == bucket - 1)
            #expect(
                LatencySketch.bucket(of: LatencySketch.milliseconds(ofBucket: bucket)) == bucket)
        }
    }

    @Test(arguments: [
        0, -0.0, -1, -1e308, .leastNonzeroMagnitude, 0x1p-20.nextDown, .nan, -.infinity,
    ])
    func `what is not a nanosecond counts as 0`(_ milliseconds: Double) {
        var sketch = LatencySketch()
        sketch.record(milliseconds)
        #expect(sketch.quantile(0.5) == 0)
    }

    @Test(arguments: [0x1p40, 1e308, .infinity])
    func `what is beyond the last bucket counts there`(_ milliseconds: Double) {
        var sketch = LatencySketch()
        sketch.record(milliseconds)
        #expect(sketch.bucketsJSON == #"{"2560":1}"#)
    }

    @Test func `an empty sketch has no quantiles`() {
        #expect(LatencySketch().quantile(0.5) == nil)
        #expect(LatencySketch().count == 0)
    }

    @Test func `merging parts in any order is recording the whole`() {
        var random = SeededGenerator()
        var whole = LatencySketch()
        var parts = [LatencySketch](repeating: LatencySketch(), count: 5)
        for _ in 0..<2_000 {
            let value = exp2(Double.random(in: -25..<45, using: &random))
            whole.record(value)
            parts[Int.random(in: 0..<5, using: &random)].record(value)
        }
        for _ in 0..<5 {
            var merged = LatencySketch()
            for part in parts.shuffled(using: &random) { merged.merge(part) }
            #expect(merged == whole)
        }
    }

    @Test func `a bucket counts on past what 16 bits hold`() {
        var recorded = LatencySketch()
        for _ in 0..<200_000 { recorded.record(3) }
        recorded.record(40)
        let bucket = LatencySketch.bucket(of: 3)
        var added = LatencySketch()
        added.add(1, toBucket: LatencySketch.bucket(of: 40))
        for count: Int64 in [65_535, 1, 65_536, 68_928] { added.add(count, toBucket: bucket) }
        #expect(added == recorded)
        #expect(recorded.count == 200_001)
        #expect(recorded.bucketsJSON == #"{"96":200000,"336":1}"#)
        var twice = LatencySketch(bucketsJSON: recorded.bucketsJSON)
        twice?.merge(recorded)
        #expect(twice?.bucketsJSON == #"{"96":400000,"336":2}"#)
        #expect(recorded.quantile(0.5) == LatencySketch.milliseconds(ofBucket: bucket))
    }

    @Test func `counts stop at the largest number there is`() {
        var sketch = LatencySketch()
        sketch.add(.max, toBucket: 3)
        sketch.add(.max, toBucket: 3)
        sketch.add(.max, toBucket: 4)
        sketch.add(0, toBucket: 9)
        sketch.add(-1, toBucket: 3)
        #expect(sketch.count == .max)
        #expect(sketch.quantile(1) == LatencySketch.milliseconds(ofBucket: 3))
    }

    // MARK: - Text

    @Test func `its text reads back the same, and is JSON with a number for each bucket`() throws {
        var random = SeededGenerator()
        for size in [0, 1, 2, 50, 2_000] {
            var sketch = LatencySketch()
            for _ in 0..<size { sketch.record(exp2(Double.random(in: -25..<45, using: &random))) }
            let text = sketch.bucketsJSON
            #expect(LatencySketch(bucketsJSON: text) == sketch)
            var expected: [String: Int64] = [:]
            sketch.forEachBucket { expected["\($0)"] = $1 }
            #expect(
                try JSONDecoder().decode([String: Int64].self, from: Data(text.utf8)) == expected)
        }
    }

    @Test(arguments: ["{}", #"{"0":1}"#, #"{"-1281":1,"-1":10,"0":1,"2560":9223372036854775795}"#])
    func `reads what it writes`(_ text: String) {
        #expect(LatencySketch(bucketsJSON: text)?.bucketsJSON == text)
    }

    @Test(arguments: [
        "", "{", "}", "null", "[]", "{}}", "{} ", " {}", "{,}", #"{"1"}"#, #"{"1":}"#, #"{"1":1"#,
        #"{"1":1,}"#, #"{,"1":1}"#, #"{"1":1"2":1}"#, #"{1:1}"#, #"{"1": 1}"#, #"{"1":"1"}"#,
        #"{"1":0}"#, #"{"1":-1}"#, #"{"1":1.0}"#, #"{"1":1e3}"#, #"{"1":01}"#, #"{"01":1}"#,
        #"{"-0":1}"#, #"{"+1":1}"#, #"{"":1}"#, #"{"-":1}"#, #"{"1":1,"1":1}"#, #"{"2":1,"1":1}"#,
        #"{"-1282":1}"#, #"{"2561":1}"#, #"{"1":9223372036854775808}"#, #"{"é":1}"#,
        #"{"1":9223372036854775807,"2":1}"#, #"{"99999999999999999999":1}"#, "{\"1\":1}\u{0}",
    ])
    func `refuses anything else`(_ text: String) {
        #expect(LatencySketch(bucketsJSON: text) == nil)
    }

    @Test func `what a flipped byte leaves readable is written back as it was read`() {
        var random = SeededGenerator()
        let text = Array(#"{"-3":1,"0":20,"640":12,"641":9000}"#.utf8)
        for _ in 0..<5_000 {
            var mutated = text
            for _ in 0..<Int.random(in: 1...2, using: &random) {
                let place = Int.random(in: 0..<mutated.count, using: &random)
                mutated[place] = Array(#"{}",:-0129"#.utf8).randomElement(using: &random) ?? 0
            }
            let changed = String(decoding: mutated, as: UTF8.self)
            guard let sketch = LatencySketch(bucketsJSON: changed) else { continue }
            #expect(sketch.bucketsJSON == changed)
        }
    }
}
