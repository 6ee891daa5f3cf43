internal import Syscalls

/// What two generations and the files of a chain have in common, for a ``RotationPlan``.
protocol RotationEvidence {
    /// What is known of the generations, oldest first.
    var generations: [RotationPlan.Known] { get }

    /// The files of the chain, oldest first.
    var files: [RotationPlan.File] { get }

    /// Whether a file is the one that a generation was last seen in.
    func isSameFile(_ generation: Int, _ file: Int) -> Bool

    /// How a file's bytes compare with what was read of a generation.
    func likeness(_ generation: Int, _ file: Int) throws(SystemCallError) -> RotationPlan.Likeness

    /// Whether a file holds what an open generation holds, or the beginning of it.
    func isCopy(_ file: Int, of generation: Int) throws(SystemCallError) -> Bool

    /// The same for the file that another generation has open.
    func isCopy(openAs copy: Int, of generation: Int) throws(SystemCallError) -> Bool
}

/// Which files of a chain are which known generations, which are still to be read, and in which
/// order: the rules of rotation, without files or clocks.
///
/// A chain is ordered by its names: what was rotated further is older. A generation is begun only
/// when everything older has been read, or is never to be. So the youngest begun generation that
/// is found, the *anchor*, tells of every file: older ones are done with, younger ones are unread.
/// An empty generation tells nothing: its file may have been copied and truncated, and the copy
/// lies before it.
struct RotationPlan: Equatable {
    /// How a file compares with what was read of a generation.
    enum Likeness: Equatable {
        /// It holds other bytes.
        case none
        /// It holds all that was read.
        case whole
        /// It ends before what was read did, and is the same up to its end; where the last
        /// line of it ends.
        case cutBack(Int64)
    }

    /// What is known of a generation.
    struct Known: Equatable {
        /// A line of it was read.
        var isBegun = true
        /// It is open.
        var isOpen = false
        /// It is not open, and something of it may be unread.
        var isMissing = false
        /// It is missing because its file was truncated.
        var isTruncated = false
        /// It was deleted after it was read.
        var isFinished = false
        /// It was opened at the followed path, so that it is no copy of another.
        var wasLive = true
        /// When its bytes had last changed.
        var modified: Int64 = 0
    }

    /// What is known of a file.
    struct File: Equatable {
        /// It is the one at the followed path.
        var isLive = false
        /// It is the compressed form of a generation.
        var isCompressed = false
        /// It is no part of the chain: a symlink led there before.
        var isAside = false
        /// It is compressed in a way that is not read: nothing is known but its place and time.
        var isUnreadable = false
        /// When its bytes last changed.
        var modified: Int64 = 0
    }

    /// What to do for one generation.
    enum Step: Equatable {
        /// Nothing: it is open, or done with, or not found.
        case keep(Int)
        /// Read on in that file, at its position or where the file was cut back to.
        case resume(Int, file: Int, cutBackTo: Int64?)
        /// Read a new generation from its first byte.
        case begin(file: Int)
    }

    /// The generations there are from now on, oldest first.
    private(set) var steps: [Step] = []

    /// Files that would have to be read and cannot be, oldest first.
    private(set) var unreadable: [Int] = []

    /// Open generations that turned out to be copies of others.
    private(set) var copies: Set<Int> = []

    /// Where a generation was found.
    private struct Place {
        let file: Int
        var cutBackTo: Int64?
    }

    init(_ evidence: some RotationEvidence) throws(SystemCallError) {
        let known = evidence.generations
        var places: [Int: Place] = [:]
        let anchor = try Self.anchor(evidence, &places)
        if let anchor {
            for index in known.indices.prefix(anchor.generation) where known[index].isMissing {
                places[index] = try Self.older(index, than: anchor, evidence)
            }
        }
        for index in known.indices where known[index].isMissing && !known[index].isBegun {
            let file = evidence.files.indices.first {
                evidence.files[$0].isAside && evidence.isSameFile(index, $0)
            }
            if let file { places[index] = Place(file: file) }
        }
        let lastDone = Self.lastDone(anchor, evidence)
        unreadable = Self.unreadable(after: lastDone, anchor?.generation, evidence)
        var younger = try younger(than: lastDone, evidence)
        for index in known.indices where !younger.placed.contains(index) && !copies.contains(index)
        {
            if let place = places[index], known[index].isMissing {
                steps.append(.resume(index, file: place.file, cutBackTo: place.cutBackTo))
            } else if try isSuperfluous(index, places, evidence) {
                continue
            } else if !known[index].isBegun, index > anchor?.generation ?? -1 {
                insert(deleted: index, &younger.steps, evidence)
            } else {
                steps.append(.keep(index))
            }
        }
        steps += younger.steps
    }

    /// Puts a generation into the order that has no name any more, but is open and unread: behind
    /// what came before it, and behind copies that were made of its file earlier.
    private func insert(
        deleted index: Int, _ steps: inout [Step], _ evidence: some RotationEvidence
    ) {
        let before = steps.lastIndex { $0.isOf(olderThan: index) }
        var place = before.map { $0 + 1 } ?? 0
        while place < steps.endIndex, case .begin(let file) = steps[place],
            evidence.files[file].modified < evidence.generations[index].modified
        {
            place += 1
        }
        steps.insert(.keep(index), at: place)
    }

    /// Whether an open generation without a line is in truth another one: a missing one that was
    /// found in the same file, or one that its file is a copy of.
    private func isSuperfluous(
        _ index: Int, _ places: [Int: Place], _ evidence: some RotationEvidence
    ) throws(SystemCallError) -> Bool {
        let known = evidence.generations
        guard known[index].isOpen, !known[index].isBegun else { return false }
        for (found, place) in places where known[found].isMissing {
            if evidence.isSameFile(index, place.file) { return true }
            if !known[index].wasLive, try evidence.isCopy(place.file, of: index) { return true }
        }
        if known[index].wasLive { return false }
        for other in known.indices where other != index && known[other].isOpen {
            if try evidence.isCopy(openAs: index, of: other) { return true }
        }
        return false
    }

    // MARK: The anchor and what is older

    /// The youngest begun generation that is in the chain. Younger ones that a symlink led to
    /// before are found on the way.
    private static func anchor(
        _ evidence: some RotationEvidence, _ places: inout [Int: Place]
    ) throws(SystemCallError) -> (generation: Int, file: Int)? {
        let known = evidence.generations
        for index in known.indices.reversed() where known[index].isBegun {
            guard let place = try place(of: index, evidence) else { continue }
            places[index] = place
            if !evidence.files[place.file].isAside { return (index, place.file) }
        }
        return nil
    }

    /// Where a begun generation is: under its own identity, or else as a copy of any kind.
    private static func place(
        of index: Int, _ evidence: some RotationEvidence
    ) throws(SystemCallError) -> Place? {
        let known = evidence.generations[index]
        let files = evidence.files
        let named = files.indices.last { evidence.isSameFile(index, $0) }
        var cutBack: Place?
        if let named {
            if known.isOpen { return Place(file: named) }
            switch try evidence.likeness(index, named) {
            // Where a file was truncated a copy is the generation, however the file begins now.
            case .whole where known.isTruncated: cutBack = Place(file: named)
            case .whole: return Place(file: named)
            case .cutBack(let offset): cutBack = Place(file: named, cutBackTo: offset)
            case .none: break
            }
        }
        var whole: [Int] = []
        // The live file is a copy of nothing: it was made anew, even where it begins alike.
        for file in files.indices where file != named && !files[file].isLive {
            if files[file].isAside || isTaken(file, evidence) { continue }
            if known.isOpen {
                if try evidence.isCopy(file, of: index) { whole.append(file) }
                continue
            }
            switch try evidence.likeness(index, file) {
            case .whole: whole.append(file)
            case .cutBack(let offset):
                if cutBack == nil, try !isCopyOfAnother(file, than: index, evidence) {
                    cutBack = Place(file: file, cutBackTo: offset)
                }
            case .none: break
            }
        }
        // Logs can repeat themselves, so that several files look alike. A copy is not older than
        // what it is a copy of.
        let best = whole.first { files[$0].modified >= known.modified } ?? whole.last
        return best.map { Place(file: $0) } ?? cutBack
    }

    /// Whether a file holds the beginning of another generation, which is open.
    private static func isCopyOfAnother(
        _ file: Int, than index: Int, _ evidence: some RotationEvidence
    ) throws(SystemCallError) -> Bool {
        for other in evidence.generations.indices
        where other != index && evidence.generations[other].isOpen {
            if try evidence.isCopy(file, of: other) { return true }
        }
        return false
    }

    /// Whether lines of a file were read as those of an open generation.
    private static func isTaken(_ file: Int, _ evidence: some RotationEvidence) -> Bool {
        let known = evidence.generations
        return known.indices.contains {
            known[$0].isOpen && known[$0].isBegun && evidence.isSameFile($0, file)
        }
    }

    /// Where a missing generation is that is older than the anchor: one that may still grow.
    private static func older(
        _ index: Int, than anchor: (generation: Int, file: Int), _ evidence: some RotationEvidence
    ) throws(SystemCallError) -> Place? {
        if evidence.generations[index].isBegun {
            let place = try place(of: index, evidence)
            return place.flatMap { $0.file < anchor.file ? $0 : nil }
        }
        if let named = evidence.files.indices.last(where: { evidence.isSameFile(index, $0) }) {
            return named < anchor.file ? Place(file: named) : nil
        }
        // Nothing was read of it, and it was compressed since: what lies right before the anchor
        // and is none of the others.
        let file = anchor.file - 1
        guard index + 1 == anchor.generation, file >= 0, evidence.files[file].isCompressed,
            !isTaken(file, evidence)
        else { return nil }
        for other in evidence.generations.indices where evidence.generations[other].isBegun {
            if evidence.isSameFile(other, file) { return nil }
            if try evidence.likeness(other, file) != .none { return nil }
        }
        return Place(file: file)
    }

    // MARK: What is younger

    /// The last file that is done with: the anchor's, unless it was done with before and is at the
    /// path again, so that it is to be read on.
    private static func lastDone(
        _ anchor: (generation: Int, file: Int)?, _ evidence: some RotationEvidence
    ) -> Int? {
        guard let anchor else { return nil }
        let known = evidence.generations[anchor.generation]
        let isBack = evidence.files[anchor.file].isLive && !known.isOpen && !known.isMissing
        return isBack ? anchor.file - 1 : anchor.file
    }

    /// Where reading of a generation that was done with goes on, in a file that is it again; nil
    /// where the file holds other bytes.
    private static func place(
        of index: Int, again file: Int, _ evidence: some RotationEvidence
    ) throws(SystemCallError) -> Place? {
        guard evidence.generations[index].isBegun else { return nil }
        switch try evidence.likeness(index, file) {
        case .whole: return Place(file: file)
        case .cutBack(let offset): return Place(file: file, cutBackTo: offset)
        case .none: return nil
        }
    }

    /// What the files after the anchor are. Where no generation is found any more, a file that
    /// has not changed since the youngest of them did was there before it.
    private mutating func younger(
        than anchor: Int?, _ evidence: some RotationEvidence
    ) throws(SystemCallError) -> (steps: [Step], placed: Set<Int>) {
        let known = evidence.generations
        let files = evidence.files
        let lastModified = known.last(where: \.isBegun)?.modified ?? .min
        var steps: [Step] = []
        var placed: Set<Int> = []
        for file in files.indices where file > anchor ?? -1 && !files[file].isAside {
            if files[file].isUnreadable { continue }
            let isOld = !files[file].isLive && files[file].modified < lastModified
            if anchor == nil, isOld { continue }
            let same = known.indices.last { evidence.isSameFile($0, file) && !known[$0].isMissing }
            let original = try original(of: file, besides: same, evidence)
            if let same, known[same].isOpen {
                if original != nil, !known[same].isBegun, !known[same].wasLive {
                    copies.insert(same)
                } else {
                    steps.append(.keep(same))
                    placed.insert(same)
                }
            } else if let same, let place = try Self.place(of: same, again: file, evidence) {
                // An older generation is at the path again.
                steps.append(.resume(same, file: file, cutBackTo: place.cutBackTo))
                placed.insert(same)
            } else if let original {
                let isElsewhere = files.indices.contains { evidence.isSameFile(original, $0) }
                if !isElsewhere, !known[original].isBegun, placed.insert(original).inserted {
                    steps.append(.keep(original))
                }
            } else {
                steps.append(.begin(file: file))
            }
        }
        return (steps, placed)
    }

    /// The files after the last one that is done with of which nothing is known. Others were made
    /// of generations that are: of the youngest that was begun, where it is not found as a file any
    /// more, and of open ones after it.
    private static func unreadable(
        after lastDone: Int?, _ anchor: Int?, _ evidence: some RotationEvidence
    ) -> [Int] {
        let (known, files) = (evidence.generations, evidence.files)
        let youngest = known.lastIndex(where: \.isBegun)
        let isLost = youngest != nil && youngest != anchor
        let last = isLost ? youngest.map { known[$0].modified } : nil
        let unread = files.indices.filter {
            files[$0].isUnreadable && $0 > lastDone ?? -1 && !files[$0].isOlder(than: last)
        }
        let nameless = known.indices.count { index in
            if index == youngest { return isLost && !known[index].isFinished }
            return index > youngest ?? -1 && known[index].isOpen
                && !files.indices.contains { evidence.isSameFile(index, $0) }
        }
        return Array(unread.dropFirst(nameless))
    }

    /// The open generation that a file is a copy of.
    private func original(
        of file: Int, besides same: Int?, _ evidence: some RotationEvidence
    ) throws(SystemCallError) -> Int? {
        let known = evidence.generations
        guard !evidence.files[file].isLive else { return nil }
        if let same, known[same].isBegun || known[same].wasLive { return nil }
        for index in known.indices where index != same && known[index].isOpen {
            if try evidence.isCopy(file, of: index) { return index }
        }
        return nil
    }
}

extension RotationPlan.File {
    /// Whether its bytes last changed before a time. Some programs that compress keep whole seconds
    /// of the time only.
    fileprivate func isOlder(than time: Int64?) -> Bool {
        guard let time else { return false }
        let second: Int64 = 1_000_000_000
        return modified < (modified % second == 0 ? time - time % second : time)
    }
}

extension RotationPlan.Step {
    /// Whether it is for a generation that comes before another in the order known so far.
    fileprivate func isOf(olderThan other: Int) -> Bool {
        switch self {
        case .keep(let index), .resume(let index, _, _): index < other
        case .begin: false
        }
    }
}
