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
            // Both are exact doubles, so one division or product rounds once (W. D. Clinger, "How
            // to read floating point numbers accurately", 1990).
            if digits <= 1 << 53, (-22...22).contains(power) {
                let scale = Self.powersOfTen[abs(power)]
                return power < 0 ? Double(digits) / scale : Double(digits) * scale
            }
            if (-Self.largestDivisor..<0).contains(power) {
                return Self.double(digits, dividedByPowerOfTen: -power)
            }
        }
        return slowMagnitude(in: line, power: power)
    }

    /// The double nearest to `digits` / 10^`power`, which is at most ``largestDivisor``.
    static func double(_ digits: UInt64, dividedByPowerOfTen power: Int) -> Double {
        if digits <= 1 << 53, power <= 22 { return Double(digits) / powersOfTen[power] }
        return divide(digits, byPowerOfTen: power)
    }

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
    /// the rest is a power of two. Half of what Python writes has 17 digits and comes here.
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
