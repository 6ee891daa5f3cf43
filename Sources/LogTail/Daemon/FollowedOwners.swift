internal import Checkpoint
internal import Syscalls

/// Who reads which file: each is read under one path at a time, and read on from there under the
/// next.
extension Followed {
    /// Takes in what the database knows of a source.
    func load(_ source: String) throws(StartError) {
        do throws(RecorderError) {
            for record in try recorder.checkpoints(source: source) {
                unfollowed.add(TailMemory(record), source, record.path)
            }
        } catch {
            throw .recorder(error)
        }
    }

    /// What was read under a path, which is followed from now on.
    func memory(of path: String, _ source: String) throws(StartError) -> TailMemory {
        var memory = unfollowed.take(source, path) ?? TailMemory()
        if memory.isDamaged {
            journal.write(.warning, "the open episodes of \(path) could not be read back")
        }
        do throws(RecorderError) {
            memory.knownStages = try recorder.stageNames(source: source)
        } catch {
            throw .recorder(error)
        }
        return memory
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
        var records = [unfollowed.record(of: identity)].compactMap { $0 }
        // Each of thousands of paths asks at the start.
        if knownInodes?.contains(identity.inode) ?? true {
            for other in tails.values where other !== tail {
                guard let generation = other.generation(identity) else { continue }
                if generation.reader != nil { return .isRead }
                records.append(generation.record)
            }
        }
        return records.max { $0.position.offset < $1.position.offset }.map { .wasRead($0) }
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
