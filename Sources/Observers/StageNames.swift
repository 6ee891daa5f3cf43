/// A stage of an observed latency, as an index into the ``StageNames`` of its observer.
public struct StageID: Hashable, Sendable {
    /// Position in ``StageNames``.
    public let index: Int

    /// The observed latency itself, stage `total` in the database.
    public static let total = StageID(index: 0)

    /// Every stage after the first ``StageNames/limit``.
    public static let other = StageID(index: 1)
}

/// The stage names an observer has met, each given a small number once.
///
/// A log may be hostile, so names are limited in number and length: every later name shares
/// ``StageID/other``, and no line costs an allocation for a name met before.
public struct StageNames: Sendable {
    /// More names than any upstream is known to write (headroom: 9), few enough for a table.
    public static let limit = 64

    /// Bytes of the longest name kept apart; longer ones count as ``StageID/other``.
    public static let maximumNameBytes = 64

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
        if hint < bytes.count, Self.isEqual(bytes[hint], name) {
            return StageID(index: hint)
        }
        for index in bytes.indices where Self.isEqual(bytes[index], name) {
            return StageID(index: index)
        }
        guard bytes.count < Self.limit, !name.isEmpty, name.count <= Self.maximumNameBytes else {
            return .other
        }
        var copy: [UInt8] = []
        for index in name.indices { copy.append(name[index]) }
        bytes.append(copy)
        names.append(String(decoding: copy, as: UTF8.self))
        return StageID(index: bytes.count - 1)
    }

    private static func isEqual(_ known: [UInt8], _ name: Span<UInt8>) -> Bool {
        guard known.count == name.count else { return false }
        for index in name.indices where known[index] != name[index] { return false }
        return true
    }
}
