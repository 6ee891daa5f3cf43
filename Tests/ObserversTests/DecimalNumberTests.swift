import TestSupport
import Testing

@testable import Observers

@Suite struct DecimalNumberTests {
    @Test func `rounds as Swift does, whatever the digits`() throws {
        var random = SeededGenerator(for: "decimal numbers")
        for _ in 0..<60_000 {
            let digits =
                UInt64.random(in: 0...UInt64.max, using: &random)
                >> UInt64.random(in: 0..<64, using: &random)
            let point = Int.random(in: -3...24, using: &random)
            guard digits > 0 else { continue }
            try expectSame(Self.text(of: digits, decimals: point))
        }
        for _ in 0..<30_000 {
            let double = Double(bitPattern: UInt64.random(in: 0...UInt64.max, using: &random))
            if double.isFinite { try expectSame("\(double)") }
            try expectSame("\(Double.random(in: 0...10_000, using: &random))")
        }
    }

    @Test func `the reciprocals are those of the powers of five`() {
        var five: UInt64 = 1
        for index in DecimalNumber.reciprocals.indices {
            five *= 5
            let divisor = UInt128(five << five.leadingZeroBitCount)
            #expect(DecimalNumber.reciprocals[index] == ((1 << 127) - 1) / divisor)
        }
    }

    @Test func `rounds ties to even`() throws {
        var random = SeededGenerator(for: "ties")
        for _ in 0..<10_000 {
            // One bit more than a double holds, so each of these lies between two doubles.
            let whole = UInt64.random(in: 1 << 52..<1 << 53, using: &random)
            for fraction in [".5", ".49999", ".50001", ".5000", ".25", ".75"] {
                try expectSame("\(whole)" + fraction)
            }
            try expectSame("\(whole >> 1).25")
            try expectSame("\(whole << 1 | 1)")
            try expectSame("\(whole << 1 | 1)0e-1")
        }
    }

    @Test(arguments: [
        "0", "-0", "0.0", "-0.000", "1", "-1", "0.1", "9007199254740993", "9007199254740992.5",
        "1e22", "1e23", "1e-22", "1e-23", "8.5e22", "123456789012345678", "1234567890123456789",
        "12345678901234567890", "0.00010769999789772555", "0.0010769999789772555",
        "179769313486231570000e289", "1.7976931348623157e308", "1.7976931348623159e308", "4.9e-324",
        "2.2250738585072011e-308", "2e-324", "1e400", "1e-400", "1E+0005", "1e99999999999999999999",
        "1e-99999999999999999999", "0e99999999999999999999", "100000000000000000000000000000",
        "0.000000000000000000000000000000000000001",
        "3.14159265358979323846264338327950288419716939937510",
    ])
    func `reads every form as Swift does`(_ text: String) throws {
        try expectSame(text)
    }

    @Test(arguments: [
        "", "-", "+1", ".5", "1.", "-.5", "e5", "1e", "1e+", "x", "- 1", "NaN", "inf",
    ])
    func `refuses what JSON refuses`(_ text: String) {
        #expect(DecimalNumber(Array(text.utf8)) == nil)
    }

    @Test func `ends where the number ends`() throws {
        for (text, length) in [("01", 1), ("1-2", 1), ("1.5,", 3), ("1e5x", 3), ("-0.25]", 5)] {
            let number = try #require(DecimalNumber(Array(text.utf8)))
            #expect(number.range == 0..<length)
        }
    }

    @Test func `a million digits cost time, not correctness`() throws {
        let zeros = String(repeating: "0", count: 1_000_000)
        try expectSame("1" + zeros + "e-1000000")
        try expectSame("0." + zeros + "1e1000001")
        try expectSame("0." + String(repeating: "7", count: 1_000_000))
    }

    @Test func `seconds become milliseconds exactly`() throws {
        for milliseconds in 0..<100_000 {
            let digits = "\(milliseconds % 1_000)"
            let padding = String(repeating: "0", count: 3 - digits.count)
            let text = Array("\(milliseconds / 1_000).\(padding)\(digits)".utf8)
            let number = try #require(DecimalNumber(text))
            #expect(number.double(in: text, shiftedBy: 3) == Double(milliseconds))
        }
        // Where a product of doubles would be off by one in the last place.
        #expect(1.001 * 1_000 != 1_001)
    }

    @Test func `a shift moves the exponent of every form`() throws {
        for (text, shifted) in [
            ("1795225742.894", "1795225742894"), ("1.5e-3", "1.5"), ("-2e2", "-200000"),
            ("0.12345678901234567890123", "123.45678901234567890123"), ("1e305", "1e308"),
        ] {
            let bytes = Array(text.utf8)
            let number = try #require(DecimalNumber(bytes))
            #expect(number.double(in: bytes, shiftedBy: 3) == Double(shifted))
        }
    }

    @Test func `says what a double cannot hold`() throws {
        for (text, isRepresentable) in [
            ("1e308", true), ("1e309", false), ("-1e309", false), ("4.9e-324", true),
            ("1e-324", false), ("0e-999", true), ("0.0", true), ("1e-308", true),
        ] {
            let bytes = Array(text.utf8)
            let number = try #require(DecimalNumber(bytes))
            #expect(number.isRepresentable(in: bytes) == isRepresentable, "\(text)")
        }
    }

    private func expectSame(_ text: String) throws {
        let bytes = Array(text.utf8)
        let number = try #require(DecimalNumber(bytes), "\(text)")
        let expected = try #require(Double(text))
        guard number.range.count == bytes.count,
            number.double(in: bytes).bitPattern == expected.bitPattern
        else {
            Issue.record("\(text) read as \(number.double(in: bytes))")
            return
        }
    }

    /// `digits` with a point before the last `decimals` of them.
    private static func text(of digits: UInt64, decimals: Int) -> String {
        guard decimals > 0 else { return "\(digits)" + String(repeating: "0", count: -decimals) }
        let text = "\(digits)"
        let padding = String(repeating: "0", count: max(0, decimals + 1 - text.count))
        return (padding + text).dropLast(decimals) + "." + (padding + text).suffix(decimals)
    }
}
