internal import Checkpoint
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
        if let position = lastPosition {
            try resumeDraining(now)
            try resume(after: position, now)
        } else {
            for candidate in try finder.candidates() where start.includes(candidate, followedSince) {
                try open(candidate, now, at: start == .end ? .end : .start)
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
                if !isRead { try follow(after: youngest, now) }
                isOldestDeleted = try readers[0].reader.source.status().links == 0
            } else if live != nil {
                try begin(.appeared, now: now)
            }
            clearProblem()
        } catch {
            meet(error, now)
        }
    }

    /// Opens everything that is younger than a generation which is open.
    private func follow(after reader: GenerationReader, _ now: Int64) throws(SystemCallError) {
        let candidates = try finder.candidates()
        let plan = try plan(
            candidates, after: reader.position, isHeld: true,
            lastModified: try reader.source.status().modified)
        for index in plan.thenRead { try open(candidates[index], now, at: .start) }
    }

    /// Goes on after a position in whatever file its generation is now.
    private func resume(after position: Position, _ now: Int64) throws(SystemCallError) {
        let candidates = try finder.candidates()
        let plan = try plan(
            candidates, after: position, isHeld: false, lastModified: lastModified)
        if let index = plan.resumeAt {
            try open(candidates[index], now, at: .offset(position.offset))
        } else if let next = plan.thenRead.first, position.offset > 0, !isFinished {
            reportLoss(of: position, next: candidates[next])
        }
        for index in plan.thenRead { try open(candidates[index], now, at: .start) }
    }

    private func reportLoss(of position: Position, next: SiblingFinder.Candidate) {
        if next.isLive, next.status.identity.isSameFile(as: position.identity) {
            report(Self.truncation(at: position.offset, unfinished: 0, copy: nil))
        } else {
            report(
                Notice(.missedRotation, offset: position.offset) { json in
                    json.field("last", position.identity)
                    json.field("next", next.path)
                })
        }
    }

    /// Opens again what the checkpoint says may still grow; what is gone by now was read to its
    /// end before.
    private func resumeDraining(_ now: Int64) throws(SystemCallError) {
        let positions = stillDraining
        stillDraining = []
        for position in positions {
            let candidates = try finder.candidates()
            let plan = try plan(
                candidates, after: position, isHeld: false, lastModified: nil)
            guard let index = plan.resumeAt, !candidates[index].isLive else { continue }
            try open(candidates[index], now, at: .offset(position.offset))
            current += 1
        }
    }

    /// The plan for a chain. Contents are compared only where identities do not tell: a rotated
    /// file is mostly just renamed.
    private func plan(
        _ candidates: [SiblingFinder.Candidate], after position: Position, isHeld: Bool,
        lastModified: Int64?
    ) throws(SystemCallError) -> RotationPlan {
        var facts = candidates.map { candidate in
            RotationPlan.Fact(
                likeness: .other, modified: candidate.status.modified, isLive: candidate.isLive)
        }
        let isKnown = candidates.map { candidate in
            candidate.status.identity.isSameFile(as: position.identity)
        }
        for index in candidates.indices where isKnown[index] {
            let isSame = isHeld ? true : try candidates[index].holds(position)
            if isSame { facts[index].likeness = .same }
        }
        if !facts.contains(where: { $0.likeness == .same }) {
            for index in candidates.indices where !isKnown[index] {
                if try candidates[index].holds(position) { facts[index].likeness = .copy }
            }
        }
        return RotationPlan(facts, lastModified: lastModified)
    }

    // MARK: Truncation

    /// Goes on where the bytes before the position of a generation are no longer there: it was
    /// truncated, and what was not read of it lies in a copy, if one was made.
    func recover(_ index: Int, _ now: Int64) throws(SystemCallError) {
        let truncated = readers[index]
        let position = truncated.reader.position
        let openFiles = readers.map(\.reader.identity)
        let candidates = try finder.candidates().filter { candidate in
            !openFiles.contains { candidate.status.identity.isSameFile(as: $0) }
        }
        let plan = try plan(
            candidates, after: position, isHeld: false, lastModified: truncated.modified)
        let younger = readers[(index + 1)...]
        readers.removeSubrange(index...)
        if let copy = plan.resumeAt {
            try open(candidates[copy], now, at: .offset(position.offset))
        }
        for next in plan.thenRead {
            try open(candidates[next], now, at: .start)
        }
        report(
            Self.truncation(
                at: position.offset, unfinished: truncated.reader.unfinishedBytes,
                copy: plan.resumeAt.map { candidates[$0] }))
        let reader = GenerationReader(
            truncated.reader.source, truncated.reader.identity, path: truncated.reader.path)
        readers.append(
            Following(
                reader: reader, watch: truncated.watch, lastActivity: now,
                modified: try reader.source.status().modified))
        readers.append(contentsOf: younger)
    }

    private static func truncation(
        at offset: Int64, unfinished: Int64, copy: SiblingFinder.Candidate?
    ) -> Notice {
        Notice(.truncated, offset: offset) { json in
            json.field("unfinished_bytes", unfinished)
            json.field("recovered_bytes", copy.map { max(0, $0.status.size - offset) } ?? 0)
            json.field("copy", copy?.path)
        }
    }

    // MARK: Opening

    private enum Place {
        case start
        case end
        case offset(Int64)
    }

    private func open(
        _ candidate: SiblingFinder.Candidate, _ now: Int64, at place: Place
    ) throws(SystemCallError) {
        let source = try openLog(candidate.path)
        let status = try source.status()
        try status.requireRegular(candidate.path)
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
        readers.append(
            Following(reader: reader, watch: watch, lastActivity: now, modified: status.modified))
    }
}
