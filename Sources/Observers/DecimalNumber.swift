/// A number as a line writes it: decimal digits and an exponent.
///
/// It becomes a double by the rule every JSON reader follows, the nearest one, ties to even, and
/// costs no allocation for what programs write: up to 19 significant digits and moderate
/// exponents. It can be scaled by a power of ten before rounding, so that `1.001` seconds are
/// exactly 1001 milliseconds.
public struct DecimalNumber: Sendable {
    /// The bytes that write it.
    public let range: Range<Int>

    private let isNegative: Bool
    /// The first 19 significant digits.
    private let digits: UInt64
    /// The power of ten of the last of `digits`.
    private let exponent: Int
    /// How many significant digits follow those 19.
    private let furtherDigits: Int

    /// The number at `start`, in JSON's grammar: no leading zeros, no plus sign, digits on both
    /// sides of a point. Nil where there is none; `range` says where it ends.
    public init?(_ line: Span<UInt8>, at start: Int) {
        var reader = DigitReader(position: start)
        isNegative = line.hasByte(UInt8(ascii: "-"), at: start)
        if isNegative { reader.position += 1 }
        if line.hasByte(UInt8(ascii: "0"), at: reader.position) {
            reader.position += 1
        } else {
            guard reader.readDigits(of: line) else { return nil }
        }
        if line.hasByte(UInt8(ascii: "."), at: reader.position) {
            reader.position += 1
            let fraction = reader.position
            guard reader.readDigits(of: line) else { return nil }
            reader.exponent -= reader.position - fraction
        }
        if line.hasByte(UInt8(ascii: "e"), at: reader.position)
            || line.hasByte(UInt8(ascii: "E"), at: reader.position)
        {
            guard reader.readExponent(of: line) else { return nil }
        }
        range = start..<reader.position
        digits = reader.digits
        exponent = reader.exponent
        furtherDigits = reader.furtherDigits
    }

    /// The nearest double of this number times 10 to the power of `shift`: infinite where it is
    /// too large. `line` is the line it was read from.
    public func double(in line: Span<UInt8>, shiftedBy shift: Int = 0) -> Double {
        let magnitude = magnitude(in: line, power: exponent + shift)
        return isNegative ? -magnitude : magnitude
    }

    /// Whether a double can hold this number: not too large, and not so small that it would
    /// become zero.
    @inline(__always)
    public func isRepresentable(in line: Span<UInt8>) -> Bool {
        if digits == 0 || (-300...280).contains(exponent) { return true }
        let magnitude = magnitude(in: line, power: exponent)
        return magnitude.isFinite && magnitude > 0
    }

    private func magnitude(in line: Span<UInt8>, power: Int) -> Double {
        if digits == 0 { return 0 }
        if furtherDigits == 0 {
            // Both are exact doubles, so their product rounds once (W. D. Clinger, "How to read
            // floating point numbers accurately", 1990).
            if digits <= 1 << 53, (0...22).contains(power) {
                return Double(digits) * Self.powersOfTen[power]
            }
            if (-Self.largestDivisor..<0).contains(power) {
                return Self.double(digits, dividedByPowerOfTen: -power)
            }
        }
        return slowMagnitude(in: line, power: power)
    }

    /// The double nearest to `digits` / 10^`power`, which is from 1 to ``largestDivisor``.
    ///
    /// A division takes as long as all the rest of a number, so this multiplies by a reciprocal
    /// (D. Lemire, "Number Parsing at a Gigabyte per Second", 2021). That is a bit too small, by
    /// less than one in its last place, so half of the quotient is at least `least` and below
    /// `least + 2`. Where both round to the same double, so does all that is between them; else,
    /// one number in a hundred, the quotient is worked out.
    @inline(__always)
    static func double(_ digits: UInt64, dividedByPowerOfTen power: Int) -> Double {
        let zeros = digits.leadingZeroBitCount
        let dividend = digits &<< UInt64(truncatingIfNeeded: zeros)
        let quotient = dividend.multipliedFullWidth(by: reciprocals[power - 1]).high
        // No power of five is so near to one of two that adding 2 could overflow.
        let least = Int64(quotient >> 1)
        guard Double(least) == Double(least + 2) else { return divide(digits, byPowerOfTen: power) }
        // The binary logarithm of 10^n, rounded down, is n * 217,706 / 65,536 for n up to 1,650.
        let exponent = 1 &- (power &* 217_706) &>> 16 &- zeros
        return Double(least)
            * Double(bitPattern: UInt64(truncatingIfNeeded: 1_023 &+ exponent) &<< 52)
    }

    /// 2^127 / (5^n · 2^k) for n from 1 on, rounded down to 64 bits, where k brings the divisor to
    /// 64 bits.
    static let reciprocals: InlineArray<27, UInt64> = [
        0xCCCC_CCCC_CCCC_CCCC, 0xA3D7_0A3D_70A3_D70A, 0x8312_6E97_8D4F_DF3B,
        0xD1B7_1758_E219_652B, 0xA7C5_AC47_1B47_8423, 0x8637_BD05_AF6C_69B5,
        0xD6BF_94D5_E57A_42BC, 0xABCC_7711_8461_CEFC, 0x8970_5F41_36B4_A597,
        0xDBE6_FECE_BDED_D5BE, 0xAFEB_FF0B_CB24_AAFE, 0x8CBC_CC09_6F50_88CB,
        0xE12E_1342_4BB4_0E13, 0xB424_DC35_095C_D80F, 0x901D_7CF7_3AB0_ACD9,
        0xE695_94BE_C44D_E15B, 0xB877_AA32_36A4_B449, 0x9392_EE8E_921D_5D07,
        0xEC1E_4A7D_B695_61A5, 0xBCE5_0864_9211_1AEA, 0x971D_A050_74DA_7BEE,
        0xF1C9_0080_BAF7_2CB1, 0xC16D_9A00_9592_8A27, 0x9ABE_14CD_4475_3B52,
        0xF796_87AE_D3EE_C551, 0xC612_0625_7658_9DDA, 0x9E74_D1B7_91E0_7E48,
    ]

    /// 10^0 to 10^22: the powers of ten that are exact doubles.
    private static let powersOfTen: [Double] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
        1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
    ]

    /// The largest power of five that 64 bits hold.
    private static let largestDivisor = 27

    private static let powersOfFive: [UInt64] = (0...largestDivisor).map { power in
        (0..<power).reduce(1) { product, _ in product * 5 }
    }

    /// `digits` / 10^`power`, rounded once: an exact quotient of at least 62 bits, whose last bit
    /// is set where anything remains, rounds as the true quotient does. Divided is by 5^`power`;
    /// the rest is a power of two.
    private static func divide(_ digits: UInt64, byPowerOfTen power: Int) -> Double {
        let five = powersOfFive[power]
        let divisor = five << five.leadingZeroBitCount
        let dividend = digits << digits.leadingZeroBitCount
        // Half the dividend is below the divisor, so that 64 bits hold the quotient times 2^63.
        let (quotient, remainder) = divisor.dividingFullWidth((dividend >> 1, dividend << 63))
        let shift = five.leadingZeroBitCount - digits.leadingZeroBitCount - power - 63
        let scale = Double(bitPattern: UInt64(1_023 + shift) << 52)
        return Double(remainder == 0 ? quotient : quotient | 1) * scale
    }

    /// For what no upstream is known to write: more digits, or extreme exponents.
    private func slowMagnitude(in line: Span<UInt8>, power: Int) -> Double {
        var text = ""
        for index in range {
            let byte = line[index]
            if byte == UInt8(ascii: "e") || byte == UInt8(ascii: "E") { break }
            if byte.isDigit { text.unicodeScalars.append(Unicode.Scalar(byte)) }
        }
        return Double(text + "e\(power - furtherDigits)") ?? .infinity
    }
}

/// The digits of a number as they are read.
private struct DigitReader {
    var position: Int
    var digits: UInt64 = 0
    var exponent = 0
    var furtherDigits = 0

    /// 10^0 to 10^19: those that 64 bits hold.
    private static let powersOfTen: [UInt64] = [
        1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000,
        10_000_000_000, 100_000_000_000, 1_000_000_000_000, 10_000_000_000_000,
        100_000_000_000_000, 1_000_000_000_000_000, 10_000_000_000_000_000,
        100_000_000_000_000_000, 1_000_000_000_000_000_000, 10_000_000_000_000_000_000,
    ]

    /// Reads digits of the number itself; false where there are none.
    @inline(__always)
    mutating func readDigits(of line: Span<UInt8>) -> Bool {
        let start = position
        while let word = ByteWord(line, at: position) {
            let count = word.leadingDigits
            // Below 10^(19 - count) there is room for so many digits more.
            guard count > 0, digits < Self.powersOfTen[19 - count] else { break }
            digits = digits * Self.powersOfTen[count] + word.number(ofDigits: count)
            position += count
            if count < ByteWord.width { return true }
        }
        while position < line.count, line[position].isDigit {
            // Below 10^18 there is room for one more digit.
            if digits < 1_000_000_000_000_000_000 {
                digits = digits * 10 + UInt64(line[position] - UInt8(ascii: "0"))
            } else {
                furtherDigits += 1
                exponent += 1
            }
            position += 1
        }
        return position > start
    }

    /// Reads `e`, a sign and digits; false where there are no digits.
    mutating func readExponent(of line: Span<UInt8>) -> Bool {
        position += 1
        let isNegative = line.hasByte(UInt8(ascii: "-"), at: position)
        if isNegative || line.hasByte(UInt8(ascii: "+"), at: position) { position += 1 }
        let start = position
        var value = 0
        while position < line.count, line[position].isDigit {
            // Far beyond any double, whatever the digits before; larger ones could overflow.
            if value < 1_000_000_000_000_000 {
                value = value * 10 + Int(line[position] - UInt8(ascii: "0"))
            }
            position += 1
        }
        exponent += isNegative ? -value : value
        return position > start
    }
}
