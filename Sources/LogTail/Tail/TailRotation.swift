internal import Checkpoint
internal import Observers
internal import Syscalls

/// Finding out which generations there are, and in which order they are to be read.
extension TailedFile {
    /// Where reading of a path without a checkpoint begins.
    enum Start: String {
        /// At the end of what is there: only what comes later counts.
        case end
        /// At the first byte of the oldest sibling.
        case oldest
        /// At the first byte of the file, which has appeared since `followedSince`.
        case appeared

        /// Whether a file of the chain is to be read.
        func includes(_ candidate: SiblingFinder.Candidate, _ followedSince: Int64) -> Bool {
            switch self {
            case .end: candidate.isLive
            case .oldest: true
            case .appeared: candidate.isLive || candidate.status.modified >= followedSince
            }
        }
    }

    /// Opens what there is to read at the beginning: what follows the checkpoint, or what `start`
    /// says. A path that does not exist yet is waited for.
    func begin(_ start: Start, now: Int64) throws(SystemCallError) {
        let hadCheckpoint = lastPosition != nil
        try whileRotating { () throws(SystemCallError) in
            if let position = lastPosition {
                try resume(after: position, now)
            } else {
                let chain = try finder.candidates().filter { start.includes($0, followedSince) }
                try open(chain.map { ($0, start == .end ? .end : .start) }, now)
            }
        }
        guard current < readers.count else { return }
        let reader = readers[current].reader
        report(
            Notice(.tailStarted, offset: reader.offset) { json in
                json.field("from", hadCheckpoint ? "checkpoint" : start.rawValue)
                json.field("file", reader.path)
            })
        isDirty = true
    }

    /// Looks at what the path and its siblings are now, and opens every generation that is
    /// younger than the youngest one known.
    func examine(now: Int64) {
        lastLook = now
        do throws(SystemCallError) {
            let live = try FileStatus(path: path)
            if let youngest = readers.last?.reader {
                let isRead = live?.identity.isSameFile(as: youngest.identity) ?? true
                if !isRead { try follow(now) }
                isOldestDeleted = try readers[0].reader.source.status().links == 0
            } else if live != nil {
                try begin(.appeared, now: now)
            }
            clearProblem()
        } catch {
            meet(error, now)
        }
    }

    /// Opens everything that is younger than the oldest generation which is open. What was not
    /// begun yet is put into the order of the chain: a copy may have come before its original.
    private func follow(_ now: Int64) throws(SystemCallError) {
        try whileRotating { () throws(SystemCallError) in
            let candidates = try finder.candidates()
            let plan = try plan(candidates, afterReaders: readers.count)
            let found = try opened(plan.unread.map { (candidates[$0], .start) }, now)
            let waiting = readers[(current + 1)...] + found
            let place: (Following) -> Int = { following in
                candidates.firstIndex {
                    $0.status.identity.isSameFile(as: following.reader.identity)
                } ?? -1
            }
            readers.replaceSubrange((current + 1)..., with: waiting.sorted { place($0) < place($1) })
        }
    }

    /// Repeats `body` while a file that was just listed is no longer there: a rotation was going
    /// on. Its steps are few, and each makes one file vanish.
    private func whileRotating(
        _ body: () throws(SystemCallError) -> Void
    ) throws(SystemCallError) {
        for _ in 0..<1_000 {
            do throws(SystemCallError) {
                return try body()
            } catch {
                if !error.isMissing { throw error }
            }
        }
        try body()
    }

    /// Goes on after a position in whatever file its generation is now, and in those that may
    /// still grow; what is gone of the latter was read to its end before.
    private func resume(after position: Position, _ now: Int64) throws(SystemCallError) {
        let candidates = try finder.candidates()
        var opening: [Opening] = []
        for draining in stillDraining {
            let facts = try facts(candidates, comparedWith: draining, isHeld: false)
            if let index = RotationPlan(facts, lastModified: nil).anchor, !candidates[index].isLive {
                opening.append((candidates[index], .offset(draining.offset)))
            }
        }
        let drainingCount = opening.count
        let facts = try facts(candidates, comparedWith: position, isHeld: false)
        let plan = RotationPlan(facts, lastModified: lastModified)
        if let index = plan.anchor {
            opening.append((candidates[index], .offset(position.offset)))
        }
        opening += plan.unread.map { (candidates[$0], .start) }
        try open(opening, now)
        current = drainingCount
        stillDraining = []
        if plan.anchor == nil, let next = plan.unread.first, position.offset > 0, !isFinished {
            reportLoss(of: position, next: candidates[next])
        }
    }

    private func reportLoss(of position: Position, next: SiblingFinder.Candidate) {
        if next.isLive, next.status.identity.isSameFile(as: position.identity) {
            report(Self.truncation(at: position.offset, unread: nil, copy: nil))
        } else {
            report(
                Notice(.missedRotation, offset: position.offset) { json in
                    json.field("last", position.identity)
                    json.field("next", next.path)
                })
        }
    }

    // MARK: Recognising generations

    /// What is to be read after the first `count` open generations: the oldest of them that is
    /// still in the chain tells, or else the one that was let go before them.
    private func plan(
        _ candidates: [SiblingFinder.Candidate], afterReaders count: Int
    ) throws(SystemCallError) -> RotationPlan {
        for following in readers[..<count] {
            let whole = try following.reader.wholePosition()
            let facts = try facts(candidates, comparedWith: whole, isHeld: true)
            let plan = RotationPlan(facts, lastModified: nil)
            if plan.anchor != nil { return try plan.withoutCopies(candidates, of: readers) }
        }
        let modified =
            count > 0 ? readers[count - 1].modified : max(lastModified ?? 0, followedSince)
        guard let lastPosition, lastPosition.offset > 0 else {
            return RotationPlan(candidates.map { fact($0, .other) }, lastModified: modified)
        }
        let facts = try facts(candidates, comparedWith: lastPosition, isHeld: false)
        return try RotationPlan(facts, lastModified: modified)
            .withoutCopies(candidates, of: readers)
    }

    /// How each file of a chain compares with the generation of `position`. Where that is held
    /// open its inode cannot have been given to another file, and the identity decides. Contents
    /// are compared only where identities do not tell: a rotated file is mostly just renamed.
    private func facts(
        _ candidates: [SiblingFinder.Candidate], comparedWith position: Position, isHeld: Bool
    ) throws(SystemCallError) -> [RotationPlan.Fact] {
        var facts = candidates.map { fact($0, .other) }
        let isNamed = candidates.map { $0.status.identity.isSameFile(as: position.identity) }
        for index in candidates.indices where isNamed[index] {
            let isSame = isHeld ? true : try candidates[index].holds(position)
            if isSame { facts[index].likeness = .same }
        }
        // Every log begins with no bytes at all; that proves nothing of another file.
        if facts.contains(where: { $0.likeness == .same }) || position.offset == 0 { return facts }
        for index in candidates.indices where !isNamed[index] && !facts[index].isOpen {
            if try candidates[index].holds(position) { facts[index].likeness = .copy }
        }
        return facts
    }

    private func fact(
        _ candidate: SiblingFinder.Candidate, _ likeness: RotationPlan.Likeness
    ) -> RotationPlan.Fact {
        let isOpen = readers.contains { following in
            candidate.status.identity.isSameFile(as: following.reader.identity)
        }
        return RotationPlan.Fact(
            likeness: likeness, isOpen: isOpen, modified: candidate.status.modified,
            isLive: candidate.isLive)
    }

    // MARK: Truncation

    /// Goes on where the bytes before the position of a generation are no longer there: it was
    /// truncated, and what was not read of it lies in a copy, if one was made.
    func recover(_ index: Int, _ now: Int64) throws(SystemCallError) {
        let truncated = readers[index]
        let position = truncated.reader.position
        let modified = try truncated.reader.source.status().modified
        var copy: SiblingFinder.Candidate?
        var found: [Following] = []
        try whileRotating { () throws(SystemCallError) in
            // What is younger than the file itself comes after it in any case.
            let candidates = try finder.candidates().prefix { candidate in
                !candidate.status.identity.isSameFile(as: truncated.reader.identity)
            }
            let chain = Array(candidates)
            var unread = try plan(chain, afterReaders: index)
            if unread.anchor == nil {
                let facts = try facts(chain, comparedWith: position, isHeld: false)
                let plan = RotationPlan(facts, lastModified: nil)
                if let copy = plan.anchor { unread.unread = [copy] + plan.unread }
            }
            var copyIndex: Int?
            for next in unread.unread where position.offset > 0 && copyIndex == nil {
                if try chain[next].holds(position) { copyIndex = next }
            }
            copy = copyIndex.map { chain[$0] }
            let opening: [Opening] = unread.unread.map { next in
                (chain[next], next == copyIndex ? .offset(position.offset) : .start)
            }
            found = try opened(opening, now)
        }
        report(
            Self.truncation(
                at: position.offset, unread: truncated.reader.unreadBytes, copy: copy))
        let reader = GenerationReader(
            truncated.reader.source, truncated.reader.identity, path: truncated.reader.path)
        found.append(
            Following(
                reader: reader, watch: truncated.watch, lastActivity: now, modified: modified))
        readers.replaceSubrange(index...index, with: found)
    }

    /// `unread` is how many bytes the file was seen to have after `offset`; nil: unknown.
    private static func truncation(
        at offset: Int64, unread: Int64?, copy: SiblingFinder.Candidate?
    ) -> Notice {
        let recovered = copy.map { max(0, $0.status.size - offset) } ?? 0
        return Notice(.truncated, offset: offset) { json in
            json.field("recovered_bytes", recovered)
            json.field("lost_bytes", unread.map { max(0, $0 - recovered) })
            json.field("copy", copy?.path)
        }
    }

    // MARK: Opening

    private enum Place {
        case start
        case end
        case offset(Int64)
    }

    /// A file to be opened, and where reading of it begins.
    private typealias Opening = (candidate: SiblingFinder.Candidate, place: Place)

    /// Opens all of the files, or none where one of them fails.
    private func open(_ openings: [Opening], _ now: Int64) throws(SystemCallError) {
        readers.append(contentsOf: try opened(openings, now))
    }

    private func opened(
        _ openings: [Opening], _ now: Int64
    ) throws(SystemCallError) -> [Following] {
        var followings: [Following] = []
        do throws(SystemCallError) {
            for opening in openings {
                followings.append(try opened(opening.candidate, opening.place, now))
            }
        } catch {
            for following in followings { unwatch(following) }
            throw error
        }
        return followings
    }

    private func opened(
        _ candidate: SiblingFinder.Candidate, _ place: Place, _ now: Int64
    ) throws(SystemCallError) -> Following {
        try candidate.status.requireRegular(candidate.path)
        let source = try candidate.open()
        let status = try source.status()
        // Armed before the first read, so that nothing is written unheard in between.
        let watch = watches.follow(source, by: self)
        let offset: Int64
        switch place {
        case .start: offset = 0
        case .end: offset = try source.endOfLastLine()
        case .offset(let known): offset = known
        }
        let reader = try GenerationReader(
            source, status.identity, path: candidate.path, startingAt: offset)
        reader.noteSize(status.size)
        return Following(
            reader: reader, watch: watch, lastActivity: now, modified: status.modified)
    }
}

extension RotationPlan {
    /// The plan without files that hold what an open generation holds: it was compressed since it
    /// was opened.
    fileprivate func withoutCopies(
        _ candidates: [SiblingFinder.Candidate], of readers: [TailedFile.Following]
    ) throws(SystemCallError) -> RotationPlan {
        var plan = self
        for following in readers {
            let whole = try following.reader.wholePosition()
            guard whole.offset > 0 else { continue }
            var unread: [Int] = []
            for index in plan.unread {
                let isArchive = !candidates[index].isLive
                if isArchive, try candidates[index].holds(whole) { continue }
                unread.append(index)
            }
            plan.unread = unread
        }
        return plan
    }
}
