/// Keys in the order in which a program writes them, each as Python's `json.dumps` puts it.
///
/// A program writes one object after the other with the same keys in the same order. Comparing
/// with what is expected next costs a tenth of reading a key, and nothing is lost where it is not
/// what comes: then the key is read.
struct JSONKeys: Sendable {
    /// One key with what stands around it, as words: comparing all of them without a branch
    /// takes a third of what comparing the bytes that count takes.
    private struct Written {
        private static let width = 4 * ByteWord.width

        /// `, "key": `, and zeros.
        private var words = InlineArray<4, UInt64>(repeating: 0)
        /// All bits of the bytes that count.
        private var masks = InlineArray<4, UInt64>(repeating: 0)
        /// How many those are.
        let count: Int

        init(_ text: [UInt8]) {
            count = text.count
            for (index, byte) in text.enumerated() {
                let shift = UInt64(8 * (index % ByteWord.width))
                words[index / ByteWord.width] |= UInt64(byte) << shift
                masks[index / ByteWord.width] |= 0xFF << shift
            }
        }

        /// Whether it stands at `position`, with as many bytes after it as fill the words.
        @inline(__always)
        func stands(in line: Span<UInt8>, at position: Int) -> Bool {
            guard Self.width <= line.count &- position else { return false }
            // Of a piece of a known length the words are in bounds without a check.
            let piece = line.extracting(position..<position &+ Self.width)
            var difference: UInt64 = 0
            for index in 0..<4 {
                guard let word = ByteWord(piece, at: ByteWord.width &* index) else { return false }
                difference |= (word.bits ^ words[index]) & masks[index]
            }
            return difference == 0
        }
    }

    private let names: [[UInt8]]
    /// Each key as the first of its object, then each as one that follows.
    private let written: [Written]

    /// Keys of letters that JSON does not escape, of at most 26 bytes each.
    init(_ keys: [String]) {
        names = keys.map { Array($0.utf8) }
        written = ["\"", ", \""].flatMap { before in
            keys.map { Written(Array("\(before)\($0)\": ".utf8)) }
        }
    }

    /// How many bytes the key at `index` takes at `position`, with the comma before it unless it
    /// is the first of its object; nil where it is not what stands there, and near the line's end.
    @inline(__always)
    func length(
        of index: Int, isFirst: Bool, in line: Span<UInt8>, at position: Int
    ) -> Int? {
        guard index < names.count else { return nil }
        let key = isFirst ? index : names.count + index
        return written[key].stands(in: line, at: position) ? written[key].count : nil
    }

    /// Which of the keys a key is; nil where it is none.
    func index(of key: LineText, in line: Span<UInt8>) -> Int? {
        names.firstIndex { key.holds($0, in: line) }
    }
}
