internal import Syscalls

/// Which file or folder each inotify watch stands for, and whom to tell.
///
/// Files are watched by their inode, so that a renamed one is still heard of; folders tell of
/// names that come and go.
final class WatchTable {
    /// What the reports since the last look amount to.
    struct Changes {
        /// Tails whose open files may have new bytes.
        var written: Set<ObjectIdentifier> = []
        /// Tails whose path may name another file.
        var renamed: Set<ObjectIdentifier> = []
        /// Names that came into or left a folder.
        var names: [(folder: String, name: String)] = []
        /// Folders that were themselves renamed or deleted, or whose permissions changed.
        var changedFolders: Set<String> = []
        /// The file that is recorded into may no longer be in its place.
        var isRecordMoved = false
        /// Reports were lost: look at everything.
        var isIncomplete = false
    }

    private static let fileChanges: Inotify.Changes = [.modified, .attributes, .gone]
    private static let folderChanges: Inotify.Changes = [
        .appeared, .vanished, .attributes, .gone,
    ]
    /// A file that is deleted while it is open tells of its number of links.
    private static let recordChanges: Inotify.Changes = [.attributes, .gone]

    /// What watches, or why the kernel gives nothing to watch with.
    private let inotify: Result<Inotify, SystemCallError>
    /// Who follows an inode, and with how many open files: after a truncation it is two.
    private var followers: [Inotify.Watch: [ObjectIdentifier: Int]] = [:]
    /// The names under which a folder is watched; the same folder can have several.
    private var folders: [Inotify.Watch: Set<String>] = [:]
    private var folderWatches: [String: Inotify.Watch] = [:]
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
        if left.isEmpty, folders[watch] == nil { remove(watch) }
    }

    /// Watches a folder for names; whether it is watched now, and whether it was not before.
    func watchFolder(_ path: String) -> (isWatched: Bool, isNew: Bool) {
        if folderWatches[path] != nil { return (true, false) }
        do throws(SystemCallError) {
            let watch = try inotify.get().watch(path, for: Self.folderChanges)
            folders[watch, default: []].insert(path)
            folderWatches[path] = watch
            return (true, true)
        } catch {
            if !error.isMissing { failure = failure ?? error }
            return (false, false)
        }
    }

    /// Ends the watches of all folders but these.
    func keepFolders(_ kept: Set<String>) {
        for (path, watch) in folderWatches where !kept.contains(path) {
            folderWatches[path] = nil
            folders[watch]?.remove(path)
            if folders[watch]?.isEmpty == true {
                folders[watch] = nil
                if followers[watch] == nil { remove(watch) }
            }
        }
    }

    /// Watches the file that is recorded into. Where that is not possible, it is not missed.
    func watchRecord(_ path: String) {
        record = try? inotify.get().watch(path, for: Self.recordChanges)
    }

    private func remove(_ watch: Inotify.Watch) {
        if case .success(let inotify) = inotify { inotify.remove(watch) }
    }

    /// Takes in every report that waits.
    func changes() throws(SystemCallError) -> Changes {
        var changes = Changes()
        try inotify.get().forEachReport { report in
            guard case .change(let watch, let what, let name) = report else {
                changes.isIncomplete = true
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
            for folder in folders[watch] ?? [] {
                if let name {
                    changes.names.append((folder, name))
                } else {
                    changes.changedFolders.insert(folder)
                    if isGone { folderWatches[folder] = nil }
                }
            }
            if !what.isDisjoint(with: .ended) { followers[watch] = nil }
            if isGone {
                folders[watch] = nil
                // The kernel still watches a folder that was only moved away.
                if followers[watch] == nil { remove(watch) }
            }
        }
        return changes
    }
}
