internal import Checkpoint
internal import Syscalls

/// Who reads which file: each is read under one path at a time, and read on from there under the
/// next.
extension Followed {
    /// Takes in what the database knows of a source.
    func load(_ source: String) throws(StartError) {
        do throws(RecorderError) {
            try recorder.forEachCheckpoint(source: source) { record in
                unfollowed.add(TailMemory(record), of: .init(source: source, path: record.path))
            }
        } catch {
            throw .recorder(error)
        }
    }

    /// What was read under a path, which is followed from now on.
    func memory(of path: String, _ source: String) throws(StartError) -> TailMemory {
        do throws(RecorderError) {
            let known = try unfollowed.take(.init(source: source, path: path)) {
                () throws(RecorderError) in
                try recorder.checkpoint(source: source, path: path).map(TailMemory.init)
            }
            var memory = known ?? TailMemory()
            if memory.isDamaged {
                journal.write(.warning, "the open episodes of \(path) could not be read back")
            }
            memory.knownStages = try recorder.stageNames(source: source)
            return memory
        } catch {
            throw .recorder(error)
        }
    }

    /// The tail that reads a file; each of thousands of paths asks for it.
    func reader(of identity: FileIdentity) -> TailedFile? {
        let inodes = knownInodes ?? Set(tails.values.flatMap(\.inodes))
        knownInodes = inodes
        guard inodes.contains(identity.inode) else { return nil }
        return tails.values.first { $0.generation(identity)?.reader != nil }
    }

    /// What is known of a file under another path than that of `tail`.
    func elsewhere(
        _ identity: FileIdentity, than tail: TailedFile
    ) -> TailedFile.Elsewhere? {
        var positions = [unfollowed.position(of: identity)].compactMap { $0 }
        // Each of thousands of paths asks at the start.
        if knownInodes?.contains(identity.inode) ?? true {
            for other in tails.values where other !== tail {
                guard let generation = other.generation(identity) else { continue }
                if generation.reader != nil { return .isRead }
                positions.append(generation.record.position)
            }
        }
        return positions.max { $0.offset < $1.offset }.map { .wasRead($0) }
    }

    /// Looks after what waited for a file that is no longer read where it was, and says which tails
    /// may have something to read now: who writes to it under another name may go on.
    func passOn(now: Int64) -> Set<ObjectIdentifier> {
        guard hasReleased else { return [] }
        hasReleased = false
        let waiting = order.filter { tails[$0]?.isWaitingForOthers == true }
        for id in waiting { examine(id, now) }
        guard areMatchesWaiting else { return Set(waiting) }
        areMatchesWaiting = false
        return discover(Set(globs.indices), now).union(waiting)
    }
}
