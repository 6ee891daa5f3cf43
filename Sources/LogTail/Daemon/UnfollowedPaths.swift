internal import Checkpoint

/// What was read under paths that are not followed: not yet, since a start begins them one after
/// the other, or not any more. A file keeps what was read of it when it gets another name.
struct UnfollowedPaths {
    private struct Name: Hashable {
        let source: String
        let path: String
    }

    private var memories: [Name: TailMemory] = [:]
    /// Paths under which a file with that inode was read.
    private var names: [UInt64: Set<Name>] = [:]

    /// Adds what was read under a path.
    mutating func add(_ memory: TailMemory, _ source: String, _ path: String) {
        let name = Name(source: source, path: path)
        memories[name] = memory
        for generation in memory.generations {
            names[generation.position.identity.inode, default: []].insert(name)
        }
    }

    /// Takes out what was read under a path, which is followed from now on.
    mutating func take(_ source: String, _ path: String) -> TailMemory? {
        let name = Name(source: source, path: path)
        guard let memory = memories.removeValue(forKey: name) else { return nil }
        for generation in memory.generations {
            names[generation.position.identity.inode]?.remove(name)
        }
        return memory
    }

    /// True where something was read under a path.
    func contains(_ source: String, _ path: String) -> Bool {
        memories[Name(source: source, path: path)] != nil
    }

    /// How far a file was read at the most.
    func record(of identity: FileIdentity) -> Generation.Record? {
        let known = names[identity.inode] ?? []
        return known.flatMap { memories[$0]?.generations ?? [] }
            .filter { $0.position.identity.isSameFile(as: identity) }
            .max { $0.position.offset < $1.position.offset }
    }
}
