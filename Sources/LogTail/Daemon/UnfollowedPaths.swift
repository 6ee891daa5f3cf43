internal import Checkpoint

/// What was read under paths that are not followed: not yet, since a start begins them one after
/// the other, or not any more. A file keeps what was read of it when it gets another name.
///
/// The database has it all. Here is what each new file is compared with, and what is not committed
/// yet: there may be thousands of paths that are long gone.
struct UnfollowedPaths {
    struct Name: Hashable {
        let source: String
        let path: String
    }

    private var names: Set<Name> = []
    /// How far files were read, by their inodes, and under which paths.
    private var positions: [UInt64: [(name: Name, position: Position)]] = [:]
    private var uncommitted: [Name: TailMemory] = [:]

    /// Adds what the database has of a path.
    mutating func add(_ memory: TailMemory, of name: Name) {
        names.insert(name)
        for generation in memory.generations {
            let position = generation.position
            positions[position.identity.inode, default: []].append((name, position))
        }
    }

    /// Adds what was read under a path that is no longer followed, and is to be committed.
    mutating func addUncommitted(_ memory: TailMemory, of name: Name) {
        add(memory, of: name)
        uncommitted[name] = memory
    }

    /// Takes note that the database has it all.
    mutating func noteCommit() {
        uncommitted.removeAll()
    }

    /// Takes out a path, which is followed from now on, with what was read under it: what is not
    /// committed yet, else what `stored` has. Nil where nothing was.
    mutating func take<Failure: Error>(
        _ name: Name, stored: () throws(Failure) -> TailMemory?
    ) throws(Failure) -> TailMemory? {
        guard names.remove(name) != nil else { return nil }
        let kept = uncommitted.removeValue(forKey: name)
        guard let memory = kept == nil ? try stored() : kept else { return nil }
        for generation in memory.generations {
            let inode = generation.position.identity.inode
            positions[inode]?.removeAll { $0.name == name }
            if positions[inode]?.isEmpty == true { positions[inode] = nil }
        }
        return memory
    }

    /// True where something was read under a path.
    func contains(_ name: Name) -> Bool { names.contains(name) }

    /// How far a file was read at the most.
    func position(of identity: FileIdentity) -> Position? {
        (positions[identity.inode] ?? []).map(\.position)
            .filter { $0.identity.isSameFile(as: identity) }.max { $0.offset < $1.offset }
    }
}
