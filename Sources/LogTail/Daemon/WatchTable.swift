internal import Syscalls

/// Which file or folder each inotify watch stands for, and whom to tell.
///
/// Files are watched by their inode, so that a renamed one is still heard of; folders tell of
/// names that come and go. A folder hears nothing of one above it that is moved away, so those are
/// watched too, but for that alone: names come and go in `/tmp` all the time.
final class WatchTable {
    /// What the reports since the last look amount to.
    struct Changes {
        /// Tails whose open files may have new bytes.
        var written: Set<ObjectIdentifier> = []
        /// Tails whose path may name another file.
        var renamed: Set<ObjectIdentifier> = []
        /// Names that came into or left a folder.
        var names: [(folder: String, name: String)] = []
        /// Folders that were renamed or deleted, themselves or with one above them, or whose
        /// permissions changed.
        var changedFolders: Set<String> = []
        /// The file that is recorded into may no longer be in its place.
        var isRecordMoved = false
        /// Reports were lost: look at everything.
        var isIncomplete = false
    }

    /// How a folder is watched.
    private struct WatchedFolder {
        let watch: Inotify.Watch
        /// True where names that come and go are told, false where only its own place matters.
        var tellsNames: Bool
        /// True where no watch was to be had for one above it.
        var isExposed = false
    }

    private static let fileChanges: Inotify.Changes = [.modified, .attributes, .gone]
    private static let folderChanges: Inotify.Changes = [
        .appeared, .vanished, .attributes, .gone,
    ]
    private static let changesAbove: Inotify.Changes = .gone
    /// A file that is deleted while it is open tells of its number of links.
    private static let recordChanges: Inotify.Changes = [.attributes, .gone]

    /// What watches, or why the kernel gives nothing to watch with.
    private let inotify: Result<Inotify, SystemCallError>
    /// Who follows an inode, and with how many open files: after a truncation it is two.
    private var followers: [Inotify.Watch: [ObjectIdentifier: Int]] = [:]
    /// The folders that are watched, by their paths.
    private var folders: [String: WatchedFolder] = [:]
    /// The paths under which a folder is watched; the same folder can have several. One that was
    /// replaced is here until its report is read.
    private var folderPaths: [Inotify.Watch: Set<String>] = [:]
    /// The file that is recorded into.
    private var record: Inotify.Watch?

    /// The first watch that could not be had since this was last cleared.
    var failure: SystemCallError?

    /// A table without watches; where a limit is reached, one that can have none.
    init() throws(SystemCallError) {
        do throws(SystemCallError) {
            inotify = .success(try Inotify())
        } catch  where error.limit != nil {
            inotify = .failure(error)
        }
    }

    /// The number to wait for; nil where nothing can be watched.
    var number: Int32? { try? inotify.get().number }

    /// Watches an open file for a tail; nil where the kernel gives no more watches.
    func follow(_ file: any ByteSource, by tail: TailedFile) -> Inotify.Watch? {
        do throws(SystemCallError) {
            let watch = try inotify.get().watch(
                openFile: file.descriptorNumber, for: Self.fileChanges)
            followers[watch, default: [:]][ObjectIdentifier(tail), default: 0] += 1
            return watch
        } catch {
            failure = failure ?? error
            return nil
        }
    }

    /// Ends what ``follow(_:by:)`` began.
    func unfollow(_ watch: Inotify.Watch, _ tail: TailedFile) {
        guard var left = followers[watch] else { return }
        let count = left[ObjectIdentifier(tail)] ?? 0
        left[ObjectIdentifier(tail)] = count > 1 ? count - 1 : nil
        followers[watch] = left.isEmpty ? nil : left
        if left.isEmpty { removeUnused(watch) }
    }

    /// What came of watching a folder.
    struct FolderOutcome {
        /// It is watched now.
        var isWatched = true
        /// It was not before.
        var isNew = false
        /// Nothing about it goes unheard, or there is none.
        var isHeard = true
    }

    /// Watches a folder for names, and those above it for being moved away.
    func watchFolder(_ path: String) -> FolderOutcome {
        let before = folders[path]
        let isWatched = before?.tellsNames == true
        if isWatched, before?.isExposed == false { return FolderOutcome() }
        // Before the folder, so that one that is moved meanwhile is told or not gone through.
        let isExposed = !watchFolders(above: path)
        defer { folders[path]?.isExposed = isExposed }
        if isWatched { return FolderOutcome(isHeard: !isExposed) }
        do throws(SystemCallError) {
            try watch(path, tellsNames: true)
            return FolderOutcome(isNew: true, isHeard: !isExposed)
        } catch {
            if !error.isMissing { failure = failure ?? error }
            return FolderOutcome(isWatched: false, isHeard: error.isMissing)
        }
    }

    /// False where there are not watches enough.
    private func watchFolders(above path: String) -> Bool {
        var isEnough = true
        for folder in Self.folders(above: path).reversed() where folders[folder] == nil {
            do throws(SystemCallError) {
                try watch(folder, tellsNames: false)
            } catch {
                // One may be passed through that may not be read, nor watched therefore.
                guard error.limit != nil else { continue }
                failure = failure ?? error
                isEnough = false
            }
        }
        return isEnough
    }

    private func watch(_ path: String, tellsNames: Bool) throws(SystemCallError) {
        let watch = try inotify.get().watch(
            path, for: tellsNames ? Self.folderChanges : Self.changesAbove, besidesOthers: true)
        folders[path] = WatchedFolder(watch: watch, tellsNames: tellsNames)
        folderPaths[watch, default: []].insert(path)
    }

    /// The folders above an absolute path but the root, which nobody can move; the nearest first.
    private static func folders(above path: String) -> [String] {
        var above: [String] = []
        var folder = Folder.parent(of: path)
        while folder.utf8.count > 1 {
            above.append(folder)
            folder = Folder.parent(of: folder)
        }
        return above
    }

    /// Ends the watches of all folders but these and those above them.
    func keepFolders(_ kept: Set<String>) {
        let above = kept.reduce(into: Set()) { $0.formUnion(Self.folders(above: $1)) }
        for (path, folder) in folders where !kept.contains(path) {
            if !above.contains(path) {
                unwatch(path)
            } else if folder.tellsNames {
                folders[path]?.tellsNames = false
                narrow(folder.watch, path)
            }
        }
    }

    private func unwatch(_ path: String) {
        guard let watch = folders.removeValue(forKey: path)?.watch else { return }
        folderPaths[watch]?.remove(path)
        if folderPaths[watch]?.isEmpty == true { folderPaths[watch] = nil }
        removeUnused(watch)
    }

    /// Has a folder tell no names any more, unless they are wanted under another path. The watch
    /// stays the same, so that nothing goes unheard meanwhile.
    private func narrow(_ watch: Inotify.Watch, _ path: String) {
        guard !tellsNames(watch) else { return }
        let narrowed = try? inotify.get().watch(path, for: Self.changesAbove)
        // Another folder is there by now, which the report that waits will tell.
        guard let narrowed, narrowed != watch else { return }
        if tellsNames(narrowed) {
            _ = try? inotify.get().watch(path, for: Self.folderChanges, besidesOthers: true)
        }
        removeUnused(narrowed)
    }

    private func tellsNames(_ watch: Inotify.Watch) -> Bool {
        folderPaths[watch]?.contains { folders[$0]?.tellsNames == true } ?? false
    }

    /// Forgets a folder that was moved or deleted, and what it led to; those of them that told
    /// names.
    private func lose(_ path: String) -> Set<String> {
        let below = path + "/"
        var lost: Set<String> = []
        for (other, folder) in folders
        where other == path || other.utf8.starts(with: below.utf8) {
            if folder.tellsNames { lost.insert(other) }
            unwatch(other)
        }
        return lost
    }

    /// Watches the file that is recorded into. Where that is not possible, it is not missed.
    func watchRecord(_ path: String) {
        record = try? inotify.get().watch(path, for: Self.recordChanges)
    }

    /// Ends a watch that stands for nothing any more.
    private func removeUnused(_ watch: Inotify.Watch) {
        guard followers[watch] == nil, folderPaths[watch] == nil else { return }
        if case .success(let inotify) = inotify { inotify.remove(watch) }
    }

    /// Takes in every report that waits.
    func changes() throws(SystemCallError) -> Changes {
        var changes = Changes()
        try inotify.get().forEachReport { report in
            guard case .change(let watch, let what, let name) = report else {
                changes.isIncomplete = true
                // One of them may have told of a folder that is elsewhere now.
                for path in folders.keys { unwatch(path) }
                return
            }
            guard watch != record else {
                changes.isRecordMoved = true
                return
            }
            let isGone = name == nil && !what.isDisjoint(with: [.gone, .ended])
            if let tails = followers[watch] {
                changes.written.formUnion(tails.keys)
                if !what.isDisjoint(with: [.gone, .attributes]) {
                    changes.renamed.formUnion(tails.keys)
                }
            }
            for folder in folderPaths[watch] ?? [] {
                let tellsNames = folders[folder]?.tellsNames == true
                if isGone {
                    changes.changedFolders.formUnion(lose(folder))
                } else if let name, tellsNames {
                    changes.names.append((folder, name))
                } else if tellsNames {
                    changes.changedFolders.insert(folder)
                }
            }
            if !what.isDisjoint(with: .ended) { followers[watch] = nil }
            if isGone {
                folderPaths[watch] = nil
                // The kernel still watches a folder that was only moved away.
                removeUnused(watch)
            }
        }
        return changes
    }
}
