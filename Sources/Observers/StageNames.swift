/// A stage of an observed latency, as an index into the ``StageNames`` of its observer.
public struct StageID: Hashable, Sendable {
    /// Position in ``StageNames``, below ``StageNames/limit``.
    public let index: Int

    /// A stage by its number.
    @usableFromInline
    init(index: Int) {
        self.index = index
    }

    /// The observed latency itself, stage `total` in the database.
    public static let total = StageID(index: 0)

    /// Every stage after the first ``StageNames/limit``, and those whose names are no names.
    public static let other = StageID(index: 1)
}

/// The stage names an observer has met, each given a small number once.
///
/// A log may be hostile, so names are limited in number, length and letters: every other name
/// shares ``StageID/other``, and no line costs an allocation for a name met before. A line cannot
/// name ``StageID/total`` either: what an upstream calls `total` is not the observed latency.
public struct StageNames: Sendable {
    /// More names than any upstream is known to write (headroom: 14), few enough for a table.
    public static let limit = 64

    /// Bytes of the longest name kept apart; longer ones count as ``StageID/other``.
    public static let maximumNameBytes = 64

    /// The number of the first of the names given to ``init(known:)``; the others follow.
    static let firstKnown = StageID(index: 2)

    private var names: [String] = ["total", "(other)"]
    /// The bytes of all names, one after the other: an array for each would cost a retain and a
    /// release for each comparison.
    private var bytes = Array("total(other)".utf8)
    /// Where each name ends in `bytes`.
    private var ends = [5, 12]

    /// No names but `total` and `(other)`, then `known` in its order.
    public init(known: [String] = []) {
        for name in known {
            _ = identify(Array(name.utf8).span)
        }
    }

    /// The name of a stage.
    public func name(of stage: StageID) -> String {
        names[stage.index]
    }

    /// How many names there are.
    var count: Int { ends.count }

    /// Forgets the names that came after the first `count`.
    mutating func forget(after count: Int) {
        guard count < self.count else { return }
        names.removeSubrange(count...)
        ends.removeSubrange(count...)
        bytes.removeSubrange((ends.last ?? 0)...)
    }

    /// The number for a name; `hint` is where the caller expects it and saves the search.
    public mutating func identify(_ name: Span<UInt8>, hint: Int = 0) -> StageID {
        if ends.indices.contains(hint), isEqual(hint, name) {
            return hint == StageID.total.index ? .other : StageID(index: hint)
        }
        for index in ends.indices where isEqual(index, name) {
            return index == StageID.total.index ? .other : StageID(index: index)
        }
        guard count < Self.limit, let text = Self.text(of: name) else { return .other }
        bytes.append(contentsOf: text.utf8)
        ends.append(bytes.count)
        names.append(text)
        return StageID(index: count - 1)
    }

    /// The number for a name that still lies in its line.
    public mutating func identify(
        _ name: LineText, in line: Span<UInt8>, hint: Int = 0
    ) -> StageID {
        guard !name.isEscaped else { return identify(name.bytes(in: line).span, hint: hint) }
        return identify(line.extracting(name.range), hint: hint)
    }

    /// The name, where it can stand in a table on a terminal: neither empty nor too long, UTF-8,
    /// nothing that moves the cursor or turns the text around.
    private static func text(of name: Span<UInt8>) -> String? {
        guard !name.isEmpty, name.count <= maximumNameBytes,
            let text = String(validating: name.copy(0..<name.count), as: UTF8.self),
            text.unicodeScalars.allSatisfy(isPrintable)
        else { return nil }
        return text
    }

    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII { return (0x20...0x7E).contains(scalar.value) }
        return ![.control, .format, .lineSeparator, .paragraphSeparator].contains(
            scalar.properties.generalCategory)
    }

    private func isEqual(_ index: Int, _ name: Span<UInt8>) -> Bool {
        let start = index == 0 ? 0 : ends[index - 1]
        guard ends[index] - start == name.count else { return false }
        return bytes.span.extracting(start..<ends[index]).hasSameBytes(as: name)
    }
}
