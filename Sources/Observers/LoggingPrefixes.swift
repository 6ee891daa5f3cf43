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

    /// What follows the minute: `:09,281`.
    private static func secondAndFraction(of line: Span<UInt8>) -> (Int, Int)? {
        guard line.hasByte(UInt8(ascii: ":"), at: 16), let second = line.number(at: 17, width: 2),
            second <= 60, let nanosecond = CivilTime.loggingFraction(of: line)
        else { return nil }
        return (second, nanosecond)
    }
}
