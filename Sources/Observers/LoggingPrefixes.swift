/// Reads the times that Python's logging puts before its messages, and remembers the minute: the
/// date of a line is nearly always that of the line before, and costs more than all the rest.
struct LoggingPrefixes: Sendable {
    /// The bytes that write the minute, `2026-11-21 01:37`, as two words.
    private var words: (UInt64, UInt64) = (0, 0)
    /// What they mean; nil before the first line.
    private var minute: CivilTime?

    /// The time before a message; nil where there is none.
    mutating func time(of line: Span<UInt8>) -> CivilTime? {
        guard let first = ByteWord(line, at: 0), let second = ByteWord(line, at: ByteWord.width)
        else { return nil }
        if var time = minute, (first.bits, second.bits) == words,
            let (second, nanosecond) = Self.secondAndFraction(of: line)
        {
            time.second = second
            time.nanosecond = nanosecond
            return time
        }
        guard let time = CivilTime(loggingPrefixOf: line) else { return nil }
        words = (first.bits, second.bits)
        minute = time
        return time
    }

    /// What follows the minute, in one word: `:09,281`, and no further digit.
    private static func secondAndFraction(of line: Span<UInt8>) -> (Int, Int)? {
        guard let word = ByteWord(padding: line, at: 16), word[0] == UInt8(ascii: ":"),
            word.dropping(1).leadingDigits == 2, word[3] == UInt8(ascii: ","),
            word.dropping(4).leadingDigits == 3
        else { return nil }
        let second = Int(word.dropping(1).number(ofDigits: 2))
        guard second <= 60 else { return nil }
        return (second, Int(word.dropping(4).number(ofDigits: 3)) * 1_000_000)
    }
}
