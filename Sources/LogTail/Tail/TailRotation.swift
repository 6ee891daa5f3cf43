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
    }

    /// What is known of a file under another path: a file is read under one.
    enum Elsewhere {
        /// It is read there.
        case isRead
        /// It was read there so far.
        case wasRead(Position)
    }

    /// Opens what there is to read at the beginning: what follows the checkpoint, or what `start`
    /// says. A path that does not exist yet is waited for.
    func begin(_ start: Start, now: Int64) throws(SystemCallError) {
        pendingStart = start
        if hasCheckpoint {
            try look(now)
        } else {
            try whileRotating { () throws(SystemCallError) in try openFirst(start, now) }
        }
        pendingStart = nil
        isDirty = true
        reportStart(hasCheckpoint ? "checkpoint" : start.rawValue)
    }

    /// Looks at what the path and its siblings are now, and opens every generation that is
    /// younger than those known.
    func examine(now: Int64) {
        lastLook = now
        do throws(SystemCallError) {
            if let start = pendingStart {
                try begin(start, now: now)
            } else {
                let live = try FileStatus(path: path)?.identity
                for index in generations.indices { try generations[index].refresh() }
                let isKnown =
                    generations.last.map { youngest in
                        youngest.reader != nil && live?.isSameFile(as: youngest.identity) == true
                    } ?? false
                if !isKnown { try look(now) }
                reportStart("appeared")
            }
            clearProblem(ofReading: false)
            postponeRetry(now)
        } catch {
            meet(error, now)
        }
    }

    /// Begins where `start` says. The youngest file that is not to be read is remembered: what is
    /// older than it was there before, too.
    private func openFirst(_ start: Start, _ now: Int64) throws(SystemCallError) {
        let listed = try finder.files(remembered: [])
        if let live = listed.last, live.isLive, isReadElsewhere(live.identity) {
            // Its siblings are read there, too.
            isWaitingForOthers = true
            generations = Self.passed(live).map { [$0] } ?? []
            return
        }
        let chain = readable(listed, now)
        let first: Int =
            switch start {
            case .oldest: chain.startIndex
            case .end: chain.firstIndex(where: \.isLive) ?? chain.endIndex
            case .appeared:
                chain.firstIndex { $0.isLive || $0.status.modified >= followedSince }
                    ?? chain.endIndex
            }
        var opened: [Generation] = []
        do throws(SystemCallError) {
            for file in chain[first...] where file.foreignCompression == nil {
                let end = start == .end ? try file.source().endOfLastLine() : 0
                opened.append(try openNew(file, at: end, now))
            }
        } catch {
            for generation in opened { unwatch(generation) }
            noteForbidden(error, chain, now)
            throw error
        }
        let passed = chain[..<first].reversed().lazy.compactMap(Self.passed).first
        generations = (passed.map { [$0] } ?? []) + opened
        tell(unreadable: start == .end ? [] : Array(chain[first...]), in: chain)
    }

    /// A file that is not to be read, to be recognised later; nil where there is nothing in it
    /// to recognise it by. Of an archive its head must do.
    private static func passed(_ file: ChainFile) -> Generation? {
        guard file.foreignCompression == nil, let source = try? file.source() else { return nil }
        let head = (try? source.bytes(at: 0, length: Fingerprint.headBytes).count) ?? 0
        let length = source.isLive ? (try? source.length()) ?? 0 : Int64(head)
        guard length > 0, let position = try? source.position(at: length, file.identity) else {
            return nil
        }
        return Generation(
            Generation.Record(
                position: position, modified: file.status.modified, target: nil,
                isWanted: false, isLeft: true, hadOversizedLine: false))
    }

    // MARK: Looking

    /// Compares what is known with the files that are there, finds again what is missing and
    /// opens what is new. All of it happens, or nothing.
    func look(_ now: Int64) throws(SystemCallError) {
        let before = generations
        var chain: [ChainFile] = []
        var unreadable: [ChainFile] = []
        do throws(SystemCallError) {
            try whileRotating { () throws(SystemCallError) in
                try split(now)
                for index in generations.indices
                where generations[index].isMissing && isReadElsewhere(generations[index].identity) {
                    generations[index] = generations[index].closed(isWanted: false)
                }
                let remembered = generations.compactMap(\.target)
                chain = readable(try finder.files(remembered: remembered), now)
                let plan = try RotationPlan(
                    ChainEvidence(generations, chain, aside: remembered))
                // What was compared must have been there all the time.
                for generation in generations {
                    guard try generation.reader?.isIntact() ?? true else {
                        throw SystemCallError(missing: path)
                    }
                }
                let found = try carriedOut(plan, chain, now)
                // What is missed may lie in a copy that was made after the listing.
                if found.contains(where: \.isMissing), try !isComplete(chain, remembered, now) {
                    close(found, except: generations)
                    throw SystemCallError(missing: path)
                }
                generations = found
                unreadable = plan.unreadable.map { chain[$0] }
            }
        } catch {
            close(generations, except: before)
            generations = before
            noteForbidden(error, chain, now)
            throw error
        }
        close(before, except: generations)
        reportFindings(live: chain.last { $0.isLive })
        tell(unreadable: unreadable, in: chain)
        forgetLost()
        isDirty = true
    }

    /// Whether a listing of the chain would give the same files again.
    private func isComplete(
        _ chain: [ChainFile], _ remembered: [String], _ now: Int64
    ) throws(SystemCallError) -> Bool {
        let again = readable(try finder.files(remembered: remembered), now)
        return again.elementsEqual(chain) { $0.isUnmoved(since: $1) }
    }

    /// Those files of a chain that are to be read here, as far as they may be. A sibling that may
    /// not is waited for as long as a renamed file is followed, and passed over after that, until
    /// it may: it must not keep the others.
    private func readable(_ chain: [ChainFile], _ now: Int64) -> [ChainFile] {
        let identities = chain.map(\.identity)
        forbidden = forbidden.filter { identities.contains($0.key) }
        isWaitingForOthers = false
        return chain.filter { file in
            if isReadElsewhere(file.identity) {
                isWaitingForOthers = true
                return false
            }
            guard let since = forbidden[file.identity] else { return true }
            let isOverdue = now >= since.addingSaturating(configuration.rotateWait)
            return !isOverdue || (try? file.source()) != nil
        }
    }

    /// True for a file that is read under another path, and not here.
    private func isReadElsewhere(_ identity: FileIdentity) -> Bool {
        guard case .isRead? = elsewhere(identity) else { return false }
        return !generations.contains {
            $0.reader != nil && $0.identity.isSameFile(as: identity)
        }
    }

    /// Opens a file that is new here, past what was read of it under another path.
    private func openNew(
        _ file: ChainFile, at offset: Int64, _ now: Int64
    ) throws(SystemCallError) -> Generation {
        try open(file, at: placeElsewhere(in: file) ?? offset, Trail(), now)
    }

    /// Where reading of a known generation goes on: behind what was read of it here, or, if that is
    /// more, under another path.
    private func resumption(
        of known: Generation.Record, in file: ChainFile, _ cutBack: Int64?
    ) throws(SystemCallError) -> (offset: Int64, trail: Trail) {
        let offset = cutBack ?? known.position.offset
        guard let other = try placeElsewhere(in: file), other > offset else {
            return (offset, known.trail)
        }
        return (other, Trail())
    }

    /// How far a file was read under another path; nil where it does not hold that.
    private func placeElsewhere(in file: ChainFile) throws(SystemCallError) -> Int64? {
        guard case .wasRead(let position)? = elsewhere(file.identity),
            try file.source().holds(position)
        else { return nil }
        return position.offset
    }

    /// Takes note of a sibling that may not be read.
    private func noteForbidden(_ error: SystemCallError, _ chain: [ChainFile], _ now: Int64) {
        guard error.isForbidden,
            let file = chain.first(where: { $0.path == error.object && !$0.isLive })
        else { return }
        forbidden[file.identity] = forbidden[file.identity] ?? now
    }

    /// Ends the watches of generations that are not among `kept`.
    private func close(_ dropped: [Generation], except kept: [Generation]) {
        let readers = Set(kept.compactMap { $0.reader.map(ObjectIdentifier.init) })
        for generation in dropped {
            if let reader = generation.reader, !readers.contains(ObjectIdentifier(reader)) {
                unwatch(generation)
            }
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

    private func carriedOut(
        _ plan: RotationPlan, _ chain: [ChainFile], _ now: Int64
    ) throws(SystemCallError) -> [Generation] {
        var result: [Generation] = []
        var opened: [Generation] = []
        do throws(SystemCallError) {
            for step in plan.steps {
                switch step {
                case .keep(let index):
                    result.append(generations[index])
                case .begin(let file):
                    opened.append(try openNew(chain[file], at: 0, now))
                    result.append(opened[opened.count - 1])
                case .resume(let index, let file, let cutBack):
                    let known = generations[index].record
                    let (offset, trail) = try resumption(of: known, in: chain[file], cutBack)
                    var generation = try open(
                        chain[file], at: offset, trail, now, target: known.target)
                    opened.append(generation)
                    if cutBack == nil { try requireUnchanged(chain[file], since: known) }
                    generation.truncation =
                        generations[index].truncation
                        ?? truncation(of: known, foundIn: chain[file], cutBack, chain)
                    generation.isLeft = known.isLeft
                    generation.hadOversizedLine = known.hadOversizedLine
                    result.append(generation)
                }
            }
        } catch {
            for generation in opened { unwatch(generation) }
            throw error
        }
        return result.leftInOrder()
    }

    /// Fails as for a missing file where one was truncated after it was found to be a generation:
    /// what was read of it for the way on may be another's.
    private func requireUnchanged(
        _ file: ChainFile, since known: Generation.Record
    ) throws(SystemCallError) {
        let source = try file.source()
        if source.isLive, try !source.holds(known.position) {
            throw SystemCallError(missing: file.path)
        }
    }

    /// That the file of a generation was truncated while nobody looked: it ends before the
    /// position, or a copy of it was found. A compressed one alone proves nothing: it may as well
    /// have been made of the renamed file.
    private func truncation(
        of known: Generation.Record, foundIn file: ChainFile, _ cutBack: Int64?,
        _ chain: [ChainFile]
    ) -> Generation.Truncation? {
        let named = chain.last { $0.identity.isSameFile(as: known.position.identity) }
        // One that was moved to another file system is a copy, too.
        let isMoved = file.identity.device != known.position.identity.device
        let isTruncated =
            named.map { $0 !== file || cutBack != nil } ?? (!file.isCompressed && !isMoved)
        return isTruncated ? Generation.Truncation(unreadBytes: nil) : nil
    }

    private func open(
        _ file: ChainFile, at offset: Int64, _ trail: Trail, _ now: Int64, target: String? = nil
    ) throws(SystemCallError) -> Generation {
        let source = try file.source()
        try requireRoom(source, file.path)
        let reader = try GenerationReader(
            source, file.identity, path: file.path, startingAt: offset, trail)
        let status = try source.status()
        try reader.noteSize(status.size)
        // Armed before the first line is read, so that nothing is written unheard in between.
        let watch = watches.follow(source, by: self)
        return Generation(
            Generation.Following(
                reader: reader, watch: watch, lastActivity: now, wasLive: file.isLive,
                modifiedAtLook: file.status.modified),
            status, target: file.target ?? target)
    }

    /// Descriptors that are not taken by logs: those that are followed already are looked at with
    /// them, listed and rotated.
    private static let spareDescriptors: UInt = 64

    /// Fails as where there are no more descriptors once the last of them are reached. The kernel
    /// gives the lowest free number; half of the last ones are for the next generations of logs
    /// that are followed already.
    private func requireRoom(
        _ source: any ByteSource, _ path: String
    ) throws(SystemCallError) {
        let spare = isOpen ? Self.spareDescriptors / 2 : Self.spareDescriptors
        guard let limit = OpenFileLimit.current, limit > 2 * spare,
            UInt(source.descriptorNumber) >= limit - spare
        else { return }
        throw SystemCallError(outOfFilesFor: path)
    }

    // MARK: Truncation

    /// Tells generations from what their files hold now, where those were truncated: what was not
    /// read of such a generation lies in a copy, if one was made. What the file holds now is a
    /// generation of its own.
    private func split(_ now: Int64) throws(SystemCallError) {
        for index in generations.indices.reversed() {
            guard let following = generations[index].following else { continue }
            let reader = following.reader
            // Before the listing: what is written after it is to be seen as new.
            let status = try reader.source.status()
            generations[index].following?.modifiedAtLook = status.modified
            // What is written after that look makes the file no smaller.
            let largestSize = reader.largestSize
            try generations[index].refresh()
            let isEmptied = reader.offset == 0 && status.size < largestSize
            if following.lostBytes == nil, !isEmptied, try reader.isIntact() { continue }
            var rest = generations[index].closed(isWanted: true)
            rest.truncation = Generation.Truncation(
                unreadBytes: following.lostBytes ?? reader.unreadBytes)
            var fresh = Generation(
                Generation.Following(
                    reader: GenerationReader(reader.source, reader.identity, path: reader.path),
                    watch: watches.follow(reader.source, by: self), lastActivity: now,
                    wasLive: following.wasLive, modifiedAtLook: status.modified),
                status, target: generations[index].target)
            fresh.isLeft = generations[index].isLeft
            generations.replaceSubrange(index...index, with: [rest, fresh])
        }
    }
}

extension [Generation] {
    /// The same generations, of which the open ones that were left come first: one that is at the
    /// path again is read on.
    fileprivate func leftInOrder() -> [Generation] {
        var result = self
        var isLeft = true
        let last = lastIndex { $0.reader != nil }
        for index in indices where result[index].reader != nil {
            isLeft = isLeft && result[index].isLeft && index != last
            result[index].isLeft = isLeft
        }
        return result
    }
}
