/// A number as programs write milliseconds: digits, a point, digits, and then a comma or a bracket.
///
/// Nearly all numbers of a log are of this form, and this takes a third of the time that
/// ``DecimalNumber`` takes, which reads them all.
struct PlainFraction {
    /// The nearest double.
    let value: Double
    /// Just past the last digit.
    let end: Int

    /// The number at `start`; nil where there is none of this form, of at most 7 digits before
    /// the point and 19 in all.
    @inline(__always)
    init?(_ line: Span<UInt8>, at start: Int) {
        guard let first = ByteWord(padding: line, at: start) else { return nil }
        let whole = first.leadingDigits
        guard whole > 0, whole < ByteWord.width, first[whole] == UInt8(ascii: "."),
            whole == 1 || first[0] != UInt8(ascii: "0")
        else { return nil }
        var digits = first.number(ofDigits: whole)
        let fraction = start &+ whole &+ 1
        var index = fraction
        while let word = ByteWord(padding: line, at: index) {
            let count = word.leadingDigits
            // 20 bytes with the point: 19 digits fit into 64 bits.
            guard index &+ count &- start <= 20 else { return nil }
            if count > 0 {
                digits = digits &* Self.powersOfTen[count] &+ word.number(ofDigits: count)
                index &+= count
            }
            guard count < ByteWord.width else { continue }
            guard index > fraction,
                word[count] == UInt8(ascii: ",") || word[count] == UInt8(ascii: "}")
            else { return nil }
            value = DecimalNumber.double(digits, dividedByPowerOfTen: index &- fraction)
            end = index
            return
        }
        return nil
    }

    /// 10^0 to 10^8.
    private static let powersOfTen: InlineArray<9, UInt64> = [
        1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000,
    ]
}
