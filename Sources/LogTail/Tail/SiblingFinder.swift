internal import Checkpoint
internal import Syscalls

/// Finds the files that belong to a followed path: its rotated siblings and the live file.
struct SiblingFinder {
    /// Listings of a folder until two in a row are the same. A rotation renames each sibling
    /// once, which takes microseconds, so the third nearly always is.
    private static let attempts = 1_000

    /// The followed path.
    let path: String
    /// The folder in which the siblings lie.
    let archives: String
    private let chain: RotationChain
    /// What that folder held when many tails began together; of use for the first look only.
    var snapshot: FolderSnapshot?

    /// A finder for `path`, whose siblings lie in `archives`, or beside it.
    init(path: String, archives: String?) {
        self.path = path
        self.archives = archives ?? Folder.parent(of: path)
        chain = RotationChain(base: Folder.name(of: path))
    }

    /// Every file of the chain that is there now, oldest first, the live one last; before them
    /// those of the `remembered` paths that are no part of it.
    mutating func files(remembered: [String]) throws(SystemCallError) -> [ChainFile] {
        let snapshot = snapshot.take()
        if let snapshot, remembered.isEmpty, let files = try files(in: snapshot) { return files }
        let settled = try Folder.settled(
            attempts: Self.attempts, { () throws(SystemCallError) in try list(remembered) },
            by: { now, before in now.elementsEqual(before) { $0.isUnmoved(since: $1) } })
        guard let settled else { throw SystemCallError(missing: path) }
        return settled
    }

    /// The same, as a listing that was made before has it; nil where the folder has changed since,
    /// or the listing does not tell.
    private func files(in snapshot: FolderSnapshot) throws(SystemCallError) -> [ChainFile]? {
        let folder = Folder.parent(of: path)
        guard folder == archives, Folder.linkTarget(path) == nil else { return nil }
        var found: [(path: String, status: FileStatus)] = []
        let stem = String(chain.stem)
        for sibling in chain.siblings(among: snapshot.names(startingWith: stem)) {
            guard let status = try snapshot.status(sibling.name) else { return nil }
            found.append((folder + "/" + sibling.name, status))
        }
        guard let live = try snapshot.status(Folder.name(of: path)) else { return nil }
        guard try snapshot.isCurrent() else { return nil }
        return files(found, live: live, target: nil)
    }

    private func list(_ remembered: [String]) throws(SystemCallError) -> [ChainFile] {
        var paths = try siblings(chain, in: archives)
        // The file behind a symlink may be rotated under its own name.
        let target = Folder.linkTarget(path) == nil ? nil : Folder.destination(of: path)
        if let target, target != path {
            paths += try siblings(
                RotationChain(base: Folder.name(of: target)), in: Folder.parent(of: target))
        }
        let found = (remembered.filter { $0 != target } + paths).compactMap { path in
            ((try? FileStatus(path: path)) ?? nil).map { (path: path, status: $0) }
        }
        return files(found, live: try FileStatus(path: path), target: target)
    }

    /// Those siblings and the live file, each file once.
    private func files(
        _ siblings: [(path: String, status: FileStatus)], live: FileStatus?, target: String?
    ) -> [ChainFile] {
        var found: [ChainFile] = []
        for (path, status) in siblings where status.kind == .regular {
            if found.contains(where: { $0.identity == status.identity }) { continue }
            found.append(ChainFile(path: path, status, isLive: false, target: nil))
        }
        if let live {
            // A live name may point at a sibling: it is one file, and the live one.
            found.removeAll { $0.identity == live.identity }
            found.append(ChainFile(path: path, live, isLive: true, target: target))
        }
        return found
    }

    private func siblings(
        _ chain: RotationChain, in folder: String
    ) throws(SystemCallError) -> [String] {
        let names = try Folder.names(in: folder, startingWith: String(chain.stem)) ?? []
        return chain.siblings(among: names).map { folder + "/" + $0.name }
    }
}
