internal import Observers

/// How far the sequence reaches.
public struct EventBounds: Equatable, Sendable {
    /// The `seq` of the oldest row that retention kept; nil where there is no row.
    public var oldest: Int64?
    /// The newest `seq` ever given out, 0 where there was none; pruning does not lower it.
    public var latest: Int64

    /// Bounds of a sequence.
    public init(oldest: Int64?, latest: Int64) {
        self.oldest = oldest
        self.latest = latest
    }

    /// Whether rows with a `seq` greater than `seq` were pruned.
    public func lacks(after seq: Int64) -> Bool {
        let next = max(seq, 0).addingSaturating(1)
        return oldest.map { $0 > next } ?? (latest >= next)
    }
}
