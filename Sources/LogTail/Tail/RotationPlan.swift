/// Which generations are to be read after a position, and in which order: the rules of rotation,
/// without files or clocks.
struct RotationPlan: Equatable {
    /// How a file in the chain compares with the generation of the position.
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
        var likeness: Likeness
        /// When its bytes last changed, nanoseconds since the epoch.
        var modified: Int64
        /// True for the file at the path itself.
        var isLive: Bool
    }

    /// Where in the chain the generation of the position lies; nil where it is gone.
    let resumeAt: Int?

    /// What to read after it, from its first byte, oldest first.
    let thenRead: Range<Int>

    /// The plan for a chain, oldest first. `lastModified` is when the generation of the position
    /// had last changed, as far as that is known: where it is gone, a sibling that is older was
    /// there before it and has been read, or was never to be.
    init(_ chain: [Fact], lastModified: Int64?) {
        func isYounger(_ fact: Fact) -> Bool {
            fact.isLive || fact.modified >= lastModified ?? .min
        }
        // Logs can repeat themselves, so that several siblings look like copies. The generation
        // itself was rotated before everything that is younger.
        let copies = chain.indices.filter { chain[$0].likeness == .copy }
        resumeAt =
            chain.lastIndex { $0.likeness == .same }
            ?? copies.first { isYounger(chain[$0]) } ?? copies.last
        let next = resumeAt.map { $0 + 1 } ?? chain.firstIndex(where: isYounger) ?? chain.endIndex
        thenRead = next..<chain.endIndex
    }
}
