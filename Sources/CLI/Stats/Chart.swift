/// Small charts made of characters, to stand in a column of a table.
struct Chart {
    /// Charts of block characters, else of ASCII.
    let hasBlocks: Bool

    private static let blockLevels: [Character] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]
    private static let plainLevels: [Character] = [".", ",", ":", "-", "=", "+", "*", "#"]
    private static let blockParts: [Character] = ["▏", "▎", "▍", "▌", "▋", "▊", "▉", "█"]

    /// A line of values from 0 to `maximum`, at most `width` characters: one for each value, or
    /// for the largest of several where there are more values than characters. A gap stands where
    /// there is no value.
    func line(_ values: [Double?], width: Int, maximum: Double) -> String {
        let levels = hasBlocks ? Self.blockLevels : Self.plainLevels
        let count = min(width, values.count)
        let characters = (0..<count).map { index -> Character in
            let part = values[index * values.count / count..<(index + 1) * values.count / count]
            guard let value = part.compactMap(\.self).max() else { return " " }
            let level = Self.steps(value, maximum, levels.count)
            return levels[max(level, 1) - 1]
        }
        let end = characters.lastIndex { $0 != " " }.map { $0 + 1 } ?? 0
        return String(characters[..<end])
    }

    /// A bar that is `width` characters long where `value` is `maximum`; any value but 0 shows.
    func bar(_ value: Double, width: Int, maximum: Double) -> String {
        guard value > 0 else { return "" }
        guard hasBlocks else {
            return String(repeating: "#", count: max(1, Self.steps(value, maximum, width)))
        }
        let parts = Self.blockParts.count
        let eighths = max(1, Self.steps(value, maximum, width * parts))
        let full = String(repeating: Self.blockParts[parts - 1], count: eighths / parts)
        return eighths % parts == 0 ? full : full + String(Self.blockParts[eighths % parts - 1])
    }

    /// `value` in steps of which `maximum` has `count`, rounded.
    private static func steps(_ value: Double, _ maximum: Double, _ count: Int) -> Int {
        let share = maximum > 0 ? min(max(value / maximum, 0), 1) : 0
        return Int((share * Double(count)).rounded())
    }
}
