internal import Checkpoint
internal import Syscalls

/// Compares what a tail knows of its generations with the files that are there now.
///
/// Contents are compared only where identities do not tell: a rotated file is mostly just renamed,
/// and an archive is decompressed as a whole only where its head is the right one.
struct ChainEvidence: RotationEvidence {
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
                isMissing: generation.isMissing, isTruncated: generation.truncation != nil,
                isFinished: generation.isFinished,
                wasLive: generation.following?.wasLive ?? true, modified: generation.modified)
        }
        files = chain.map { file in
            RotationPlan.File(
                isLive: file.isLive, isCompressed: file.isCompressed,
                isAside: !file.isLive && aside.contains(file.path),
                isUnreadable: file.foreignCompression != nil, modified: file.status.modified)
        }
    }

    func isSameFile(_ generation: Int, _ file: Int) -> Bool {
        if files[file].isUnreadable { return false }
        let (then, now) = (known[generation].identity, chain[file].identity)
        // NFS and its like keep no birth times and can have another number after each mount. Of a
        // file that is not open the contents decide.
        let isAged = then.birth != nil && now.birth != nil
        let mayBeMounted = known[generation].reader == nil && !isAged
        return now.isSameFile(as: then) || mayBeMounted && now.inode == then.inode
    }

    func likeness(
        _ generation: Int, _ file: Int
    ) throws(SystemCallError) -> RotationPlan.Likeness {
        let record = known[generation].record
        let isSame = isSameFile(generation, file)
        guard isSame || canBeMade(file, of: generation) else { return .none }
        let source = try chain[file].source()
        if try source.holds(record.position) { return .whole }
        return try isBeginning(source, of: record, isSame: isSame)
            ? .cutBack(source.endOfLastLine()) : .none
    }

    /// Whether a file ends before what was read of a generation did, and is the same so far as
    /// is known: it was cut back, or it is a copy that was made before the last lines were read.
    private func isBeginning(
        _ source: any ByteSource, of record: Generation.Record, isSame: Bool
    ) throws(SystemCallError) -> Bool {
        let head = record.position.fingerprint.head
        let first = try source.bytes(at: 0, length: head.length)
        if first.count < head.length {
            // All bytes before a mark are known here.
            guard let mark = record.trail.last(within: Int64(first.count)) else { return false }
            let isUpToMark = try source.endOfLastLine() == mark.offset
            let isLong = mark.offset >= Int64(Fingerprint.tailBytes)
            guard isSame ? isUpToMark || isLong : isUpToMark && isLong else { return false }
            return try source.holds(mark.tail, before: mark.offset)
        }
        guard Fingerprint.Stretch(of: first) == head else { return false }
        let length = try source.length()
        guard length < record.position.offset, let mark = record.trail.last(within: length) else {
            return false
        }
        return try source.holds(mark.tail, before: mark.offset)
    }

    func isCopy(_ file: Int, of generation: Int) throws(SystemCallError) -> Bool {
        guard canBeMade(file, of: generation) else { return false }
        return try isCopy(chain[file].source(), chain[file].identity, of: generation)
    }

    func isCopy(openAs copy: Int, of generation: Int) throws(SystemCallError) -> Bool {
        guard let reader = known[copy].reader,
            isNewer(reader.identity, than: known[generation].identity)
        else { return false }
        return try isCopy(reader.source, reader.identity, of: generation)
    }

    private func isCopy(
        _ copy: any ByteSource, _ identity: FileIdentity, of generation: Int
    ) throws(SystemCallError) -> Bool {
        guard let reader = known[generation].reader else { return false }
        if reader.offset > 0, try copy.holds(reader.position) { return true }
        let first = try copy.bytes(at: 0, length: Fingerprint.headBytes)
        guard !first.isEmpty,
            try reader.source.bytes(at: 0, length: first.count) == first
        else { return false }
        return try reader.source.holds(copy.position(at: copy.length(), identity))
    }

    private func canBeMade(_ file: Int, of generation: Int) -> Bool {
        !files[file].isUnreadable
            && isNewer(chain[file].identity, than: known[generation].identity)
    }

    /// Whether a file can have been made from another: a copy is not born before it.
    private func isNewer(_ copy: FileIdentity, than original: FileIdentity) -> Bool {
        guard let birth = copy.birth, let originalBirth = original.birth else { return true }
        return birth >= originalBirth
    }
}
