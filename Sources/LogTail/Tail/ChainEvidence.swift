internal import Checkpoint
internal import Syscalls

/// Compares what a tail knows of its generations with the files that are there now.
///
/// Contents are compared only where identities do not tell: a rotated file is mostly just renamed,
/// and an archive is decompressed as a whole only where its head is the right one.
struct ChainEvidence: RotationEvidence {
    /// A copy of a copied-and-truncated log ends this close to where reading of the log stood.
    private static let copyMargin: Int64 = 64 * 1_024

    private let known: [Generation]
    private let chain: [ChainFile]

    let generations: [RotationPlan.Known]
    let files: [RotationPlan.File]

    init(_ known: [Generation], _ chain: [ChainFile], aside: [String]) {
        self.known = known
        self.chain = chain
        generations = known.map { generation in
            RotationPlan.Known(
                isBegun: generation.isBegun, isOpen: generation.reader != nil,
                isMissing: generation.isMissing, wasLive: generation.following?.wasLive ?? true,
                modified: generation.modified)
        }
        files = chain.map { file in
            RotationPlan.File(
                isLive: file.isLive, isCompressed: file.path.hasSuffix(".gz"),
                isAside: !file.isLive && aside.contains(file.path), modified: file.status.modified)
        }
    }

    func isSameFile(_ generation: Int, _ file: Int) -> Bool {
        chain[file].identity.isSameFile(as: known[generation].identity)
    }

    func likeness(
        _ generation: Int, _ file: Int
    ) throws(SystemCallError) -> RotationPlan.Likeness {
        let record = known[generation].record
        let isSame = isSameFile(generation, file)
        guard isSame || isNewer(file, than: generation) else { return .none }
        let source = try chain[file].source()
        if try source.holds(record.position) { return .whole }
        let head = record.position.fingerprint.head
        let first = try source.bytes(at: 0, length: head.length)
        let isShort = first.count < head.length
        guard isShort || Fingerprint.Stretch(of: first) == head else { return .none }
        let length = isShort ? Int64(first.count) : try source.length()
        guard length < record.position.offset, let mark = record.trail.last(within: length),
            isSame || isConvincing(mark, length),
            try source.holds(mark.tail, before: mark.offset)
        else { return .none }
        return .cutBack(try source.endOfLastLine())
    }

    /// Whether a place that a file has in common with a generation tells that it is a copy of it,
    /// rather than a log that begins alike.
    private func isConvincing(_ mark: Trail.Mark, _ length: Int64) -> Bool {
        mark.offset == length
            || mark.offset >= Int64(Fingerprint.headBytes)
                && length - mark.offset <= Self.copyMargin
    }

    func isCopy(_ file: Int, of generation: Int) throws(SystemCallError) -> Bool {
        guard let reader = known[generation].reader, isNewer(file, than: generation) else {
            return false
        }
        let copy = try chain[file].source()
        if reader.offset > 0, try copy.holds(reader.position) { return true }
        let first = try copy.bytes(at: 0, length: Fingerprint.headBytes)
        guard !first.isEmpty,
            try reader.source.bytes(at: 0, length: first.count) == first
        else { return false }
        let end = try copy.position(at: copy.length(), chain[file].identity)
        return try reader.source.holds(end)
    }

    /// Whether a file can have been made from a generation: a copy is not born before it.
    private func isNewer(_ file: Int, than generation: Int) -> Bool {
        guard let birth = chain[file].identity.birth,
            let original = known[generation].identity.birth
        else { return true }
        return birth >= original
    }
}
