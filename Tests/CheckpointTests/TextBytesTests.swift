import TestSupport
import Testing

@testable import Checkpoint

/// Integers become the text that Swift makes of them.
@Suite struct TextBytesTests {
    @Test func `a number of 64 bits is its digits, with its sign`() {
        var random = SeededGenerator(for: "numbers of 64 bits")
        let edges: [Int64] = [0, 1, -1, 9, 10, -10, 99, 100, .max, .min, .max - 1, .min + 1]
        for value in edges + (0..<10_000).map({ _ in Self.any(&random) }) {
            var bytes: [UInt8] = []
            bytes.append(decimal: value)
            #expect(String(decoding: bytes, as: UTF8.self) == value.description)
            #expect(String(decimal: value) == value.description)
        }
    }

    @Test func `a number of 128 bits is its digits, zeros in their midst included`() {
        var random = SeededGenerator(for: "numbers of 128 bits")
        let power: UInt128 = 10_000_000_000_000_000_000
        let edges: [UInt128] = [
            0, 1, 9, 10, power - 1, power, power + 1, power * 10, power * power - 1, power * power,
            power * power + 1, .max, UInt128(UInt64.max), UInt128(UInt64.max) + 1,
        ]
        for value in edges + (0..<10_000).map({ _ in Self.any(&random) }) {
            var bytes = [UInt8(ascii: "x")]
            bytes.append(decimal: value)
            #expect(String(decoding: bytes, as: UTF8.self) == "x" + value.description)
        }
    }

    /// A number of any length, so that short ones come too.
    private static func any<Value: FixedWidthInteger>(_ random: inout SeededGenerator) -> Value {
        let unused = Int.random(in: 0..<Value.bitWidth, using: &random)
        return .random(in: .min ... .max, using: &random) >> unused
    }
}
