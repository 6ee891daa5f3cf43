import Observers

/// Reads lines that carry a number and a check of it, and nothing of which is told by how they
/// end: `LINE 00000123 7b filler…`. A line that two writes were mixed up in does not parse.
struct NumberedLineObserver: LineObserver {
    static let descriptor = ObserverDescriptor(
        name: "numbered", summary: "Reads numbered lines.", marker: "LINE ", source: "numbered",
        thresholdMilliseconds: 1, quietMilliseconds: 1_000, fields: [], usualPaths: { _ in [] })

    var stages = StageNames(known: [])

    init(_ options: ObserverOptions) {}

    mutating func observe(
        _ line: Span<UInt8>, into observation: inout Observation
    ) -> Reading {
        guard let number = NumberedLine.number(in: line) else {
            return Reading(timestamp: nil, outcome: .unparsed("not a numbered line"))
        }
        let time = Timestamp(nanoseconds: Int64(number) * 1_000_000)
        observation.latencyMilliseconds = 5
        observation.eventTime = time
        observation.requestID = LineText(range: 5..<13, isEscaped: false)
        return Reading(timestamp: time, outcome: .observation)
    }
}

/// A line with a number.
enum NumberedLine {
    /// Longer than what is compared before a position, so that all lines end alike.
    private static let filler = String(repeating: "=", count: 70)

    /// What every line takes, newline included.
    static let bytes = text(1).utf8.count

    /// The line with that number, newline included.
    static func text(_ number: Int) -> String {
        let digits = String(number)
        let padded = String(repeating: "0", count: 8 - digits.utf8.count) + digits
        return "LINE \(padded) \(check(number)) \(filler)\n"
    }

    static func number(in line: Span<UInt8>) -> Int? {
        var text: [UInt8] = []
        for index in line.indices { text.append(line[index]) }
        let string = String(decoding: text, as: UTF8.self)
        guard string.utf8.count >= 13, let number = Int(string.dropFirst(5).prefix(8)),
            number >= 0, string + "\n" == self.text(number)
        else { return nil }
        return number
    }

    private static func check(_ number: Int) -> String {
        String(10 + (number &* 2_654_435_761) % 89)
    }
}
