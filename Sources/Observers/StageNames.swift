/// A stage of an observed latency, as an index into the ``StageNames`` of its observer.
public struct StageID: Hashable, Sendable {
    /// Position in ``StageNames``, below ``StageNames/limit``.
    public let index: Int

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
    private var bytes: [[UInt8]] = [Array("total".utf8), Array("(other)".utf8)]

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

    /// The number for a name; `hint` is where the caller expects it and saves the search.
    public mutating func identify(_ name: Span<UInt8>, hint: Int = 0) -> StageID {
        if bytes.indices.contains(hint), Self.isEqual(bytes[hint], name) {
            return hint == StageID.total.index ? .other : StageID(index: hint)
        }
        for index in bytes.indices where Self.isEqual(bytes[index], name) {
            return index == StageID.total.index ? .other : StageID(index: index)
        }
        guard bytes.count < Self.limit, let text = Self.text(of: name) else { return .other }
        bytes.append(Array(text.utf8))
        names.append(text)
        return StageID(index: bytes.count - 1)
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

    private static func isEqual(_ known: [UInt8], _ name: Span<UInt8>) -> Bool {
        known.count == name.count && name.hasBytes(known, at: 0)
    }
}
