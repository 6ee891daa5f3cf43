internal import Checkpoint

/// Which files of a chain are to be read after the generations that are known, and in which
/// order: the rules of rotation, without files or clocks.
///
/// A chain is ordered by its names: what was rotated further is older. So one generation that is
/// recognised tells of every other file whether it was there before it, and has been read or was
/// never to be, or is still to be read.
struct RotationPlan: Equatable {
    /// How a file compares with a generation.
    enum Likeness: Equatable {
        /// It is that generation: the same file, with the same bytes before the position.
        case same
        /// Another file with the same bytes: a copy, or the generation compressed.
        case copy
        /// Another generation.
        case other
    }

    /// What is known of one file of the chain.
    struct Fact: Equatable {
        /// How it compares with the generation that reading goes on after.
        var likeness: Likeness
        /// True where it is open already, and read in its turn.
        var isOpen = false
        /// When its bytes last changed, nanoseconds since the epoch.
        var modified: Int64
        /// True for the file at the path itself.
        var isLive: Bool
    }

    /// Where in the chain the generation that reading goes on after lies; nil where it is gone.
    let anchor: Int?

    /// What to read from its first byte after that, oldest first.
    var unread: [Int]

    /// The plan for a chain, oldest first.
    ///
    /// - Parameters:
    ///   - lastModified: when the generation of the anchor had last changed. Where that is gone,
    ///     a sibling that is older was there before it; where the time is not known either, only
    ///     the live file is unread.
    init(_ chain: [Fact], lastModified: Int64?) {
        func isYounger(_ fact: Fact) -> Bool {
            fact.isLive || fact.modified >= lastModified ?? .max
        }
        // Logs can repeat themselves, so that several siblings look like copies. Of those the
        // generation itself is the oldest that is not older than it.
        let copies = chain.indices.filter { chain[$0].likeness == .copy }
        let anchor =
            chain.lastIndex { $0.likeness == .same }
            ?? copies.first { isYounger(chain[$0]) } ?? copies.last
        let next = anchor.map { $0 + 1 } ?? chain.firstIndex(where: isYounger) ?? chain.endIndex
        self.anchor = anchor
        unread = chain.indices[next...].filter { !chain[$0].isOpen }
    }
}
