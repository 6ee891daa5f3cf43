/// Keys in the order in which a program writes them, each as Python's `json.dumps` puts it.
///
/// A program writes one object after the other with the same keys in the same order. Comparing
/// with what is expected next costs a third of reading a key, and nothing is lost where it is not
/// what comes: then the key is read.
struct JSONKeys: Sendable {
    /// `, "key": ` for each key, one after the other.
    private let bytes: [UInt8]
    /// Where each ends in `bytes`.
    private let ends: [Int]

    /// Bytes before the key itself: a comma, a blank and a quote.
    private static let before = Array(", \"".utf8)
    /// Bytes after it: a quote, a colon and a blank.
    private static let after = Array("\": ".utf8)

    /// Keys of letters that JSON does not escape.
    init(_ keys: [String]) {
        var bytes: [UInt8] = []
        ends = keys.map { key in
            bytes += Self.before + Array(key.utf8) + Self.after
            return bytes.count
        }
        self.bytes = bytes
    }

    /// How many keys there are.
    var count: Int { ends.count }

    /// How many bytes the key at `index` takes at `position`, with the comma before it unless it
    /// is the first of its object; nil where it is not what stands there.
    func length(
        of index: Int, isFirst: Bool, in line: Span<UInt8>, at position: Int
    ) -> Int? {
        guard index < ends.count else { return nil }
        let start = (index == 0 ? 0 : ends[index - 1]) + (isFirst ? 2 : 0)
        let written = bytes.span.extracting(start..<ends[index])
        guard written.count <= line.count - position,
            written.hasSameBytes(
                as: line.extracting(position..<position + written.count))
        else { return nil }
        return written.count
    }

    /// Which of the keys a key is; nil where it is none.
    func index(of key: LineText, in line: Span<UInt8>) -> Int? {
        if key.isEscaped { return index(of: key.bytes(in: line).span) }
        return index(of: line.extracting(key.range))
    }

    private func index(of key: Span<UInt8>) -> Int? {
        var start = 0
        for index in ends.indices {
            let name = start + Self.before.count..<ends[index] - Self.after.count
            if name.count == key.count, bytes.span.extracting(name).hasSameBytes(as: key) {
                return index
            }
            start = ends[index]
        }
        return nil
    }
}
