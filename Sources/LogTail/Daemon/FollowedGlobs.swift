internal import Checkpoint
internal import Observers
internal import Syscalls

/// Finding the files that globs match, and which of them are followed by themselves.
extension Followed {
    /// When new files are to be looked for without a report; nil where reports suffice.
    var nextExpansion: Int64? {
        globs.compactMap(\.interval).min().map { lastExpansion.addingSaturating($0) }
    }

    /// Looks for new files of all globs, and says which tails may have something to read now.
    func expandGlobs(now: Int64) -> Set<ObjectIdentifier> {
        lastExpansion = now
        return discover(Set(globs.indices), now)
    }

    /// Follows what has appeared since, and says which tails that are.
    func discover(_ globs: Set<Int>, _ now: Int64) -> Set<ObjectIdentifier> {
        guard !globs.isEmpty else { return [] }
        defer {
            knownInodes = nil
            watches.keepFolders(interests.folders)
        }
        return globs.reduce(into: []) { $0.formUnion(discover($1, .appeared, now)) }
    }

    func discover(
        _ index: Int, _ occasion: Occasion, _ now: Int64
    ) -> Set<ObjectIdentifier> {
        var found: Set<ObjectIdentifier> = []
        for path in newMatches(index, occasion) {
            do throws(StartError) {
                let tail = try follow(path, globs[index].tail, occasion, now)
                if let tail { found.insert(ObjectIdentifier(tail)) }
            } catch {
                tell(.error, path, "\(error)")
            }
        }
        return found
    }

    /// Paths that a glob matches and that are to be followed, and are not yet. Symlinks come last:
    /// one that leads from match to match is no path of its own.
    func newMatches(_ index: Int, _ occasion: Occasion) -> [String] {
        func list(_ folder: String) -> [String]? { (try? Folder.names(in: folder)) ?? nil }
        var expansion = globs[index].pattern.expand(list)
        var watched = decisiveFolders(of: expansion)
        // A folder that appeared between the look and the watch is found by looking again.
        while watched.reduce(false, { watches.watchFolder($1).isNew || $0 }) {
            expansion = globs[index].pattern.expand(list)
            watched = decisiveFolders(of: expansion)
        }
        interests.set(watched, forGlob: index)
        let isUnheard = watched.contains {
            !watches.watchFolder($0).isHeard || FileSystem.silentName(at: $0) != nil
        }
        globs[index].interval =
            globs[index].tail.pollInterval ?? (isUnheard ? TailedFile.fallbackInterval : nil)
        let new = ownPaths(globs[index], among: expansion.paths, occasion)
        let links = Set(new.filter { Folder.linkTarget($0) != nil })
        return new.filter { !links.contains($0) } + new.filter(links.contains)
    }

    /// Which of the paths that a glob matches are to be followed by themselves, and are not yet:
    /// not the rotated siblings of others. What was followed by itself before still is; at the
    /// start also where only siblings of it are left, of which something may be unread.
    func ownPaths(
        _ glob: Glob, among matches: [String], _ occasion: Occasion
    ) -> [String] {
        let known = Set(matches).union(paths.keys)
        func wasFollowed(_ path: String) -> Bool {
            unfollowed.contains(.init(source: glob.tail.source, path: path))
        }
        var own = matches.filter { path in
            wasFollowed(path)
                || !Self.bases(of: path).contains { known.contains($0) || wasFollowed($0) }
        }
        if occasion == .present {
            let left = matches.flatMap(Self.bases).filter { wasFollowed($0) && !known.contains($0) }
            own = Set(own + left.filter(glob.pattern.matchesName)).sorted()
        }
        return own.filter { paths[$0] == nil }
    }

    /// Paths of which one may be a rotated sibling.
    static func bases(of path: String) -> [String] {
        let folder = Folder.parent(of: path)
        return RotationChain.bases(of: Folder.name(of: path)).map {
            (folder == "/" ? "" : folder) + "/" + $0
        }
    }

    /// The folders in which a glob may match something new: those it looks into, those of the
    /// symlinks that lead there, and for one that is still to come the one in which it will appear.
    func decisiveFolders(of expansion: PathPattern.Expansion) -> Set<String> {
        expansion.folders.reduce(into: expansion.folders) { folders, folder in
            // Of any name in it, since the one in which it lies is full of others.
            let names = PathPattern.decisiveNames(
                of: folder + "/*", linkTarget: Folder.linkTarget,
                exists: { Folder.realPath($0) != nil })
            folders.formUnion(names.map(\.folder))
        }
    }
}
