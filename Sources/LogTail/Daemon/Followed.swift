internal import Checkpoint
internal import Observers
internal import Syscalls

/// The paths that are followed: which there are, how new ones are found, and whom a change
/// concerns.
final class Followed {
    struct Glob {
        let pattern: PathPattern
        let tail: TailConfiguration
        /// How often it is expanded without a report, nanoseconds; nil where reports suffice.
        var interval: Int64?
    }

    /// When a path is begun, and what that means for one that cannot be read.
    enum Occasion {
        /// At the start, by its name: the start fails.
        case named
        /// At the start, where a glob matches it: it is tried again, but where all is read once.
        case present
        /// Later, where a glob matches it: it is tried again, and read from its first byte.
        case appeared
    }

    let recorder: any Recorder
    private let harvest: Harvest
    let watches: WatchTable
    let journal: Journal
    /// Files whose bytes are younger than this have appeared since, by the wall clock.
    private let startTime = Clock.wall

    /// True where all is read once.
    private var isOnce = false
    var globs: [Glob] = []
    /// When globs were last expanded by the clock.
    var lastExpansion: Int64 = 0
    var interests = Interests()
    private(set) var tails: [ObjectIdentifier: TailedFile] = [:]
    /// The order in which tails are read.
    private(set) var order: [ObjectIdentifier] = []
    /// Paths that are followed, and whether a glob found them.
    var paths: [String: Bool] = [:]
    /// True where a file is no longer read that was until now.
    var hasReleased = false
    /// True where a glob matches a file that is read under another path.
    var areMatchesWaiting = false
    /// Paths of which was told why they are not followed.
    private var toldPaths: Set<String> = []
    /// What was read under other paths.
    var unfollowed = UnfollowedPaths()
    /// Inodes of the files that tails know, while paths are begun one after the other.
    var knownInodes: Set<UInt64>?
    /// Folders as they were listed since the start, while that goes on.
    private var snapshots: [String: FolderSnapshot] = [:]

    init(
        _ recorder: any Recorder, _ harvest: Harvest, _ watches: WatchTable, _ journal: Journal
    ) {
        self.recorder = recorder
        self.harvest = harvest
        self.watches = watches
        self.journal = journal
    }

    /// Begins to follow what a configuration names.
    func start(_ configuration: DaemonConfiguration, now: Int64) throws(StartError) {
        defer { (snapshots, knownInodes) = ([:], nil) }
        isOnce = configuration.once
        for source in Set(configuration.tails.map(\.tail.source)) { try load(source) }
        let named = Set(configuration.tails.flatMap(\.patterns).map { PathPattern($0).text })
        for var set in configuration.tails {
            set.tail.archives = set.tail.archives.map(archiveFolder)
            for pattern in set.patterns.map(PathPattern.init) {
                if pattern.isGlob, Folder.realPath(pattern.text) == nil {
                    globs.append(Glob(pattern: pattern, tail: set.tail))
                    continue
                }
                let isSibling = Self.bases(of: pattern.text).contains(where: named.contains)
                if set.tail.archives == nil, isSibling {
                    journal.write(
                        .info, "\(pattern.text) is read as a rotated sibling of a path named too")
                    continue
                }
                let tail = try follow(pattern.text, set.tail, .named, now)
                if configuration.once, let tail, !tail.isOpen {
                    throw .missing(path: pattern.text)
                }
            }
        }
        for index in globs.indices {
            guard configuration.once else {
                _ = discover(index, .present, now)
                continue
            }
            for path in newMatches(index, .present) {
                _ = try follow(path, globs[index].tail, .present, now)
            }
        }
        if configuration.once, order.isEmpty, let glob = globs.first {
            throw .missing(path: glob.pattern.text)
        }
    }

    /// The folder of rotated siblings, absolute as paths are. It may come later, but a name that is
    /// misspelt never does.
    private func archiveFolder(_ written: String) -> String {
        let folder = PathPattern(written).text
        if (try? FileStatus(path: folder))?.kind != .folder {
            journal.write(
                .warning,
                "there is no folder \(folder), which --archives names; rotated siblings are looked "
                    + "for there all the same")
        }
        return folder
    }

    /// Does what changes ask for, and says which tails may have something to read now. New files
    /// are followed from their first byte.
    func apply(_ changes: WatchTable.Changes, now: Int64) -> Set<ObjectIdentifier> {
        var moved = changes.renamed
        var expandable: Set<Int> = []
        for (folder, name) in changes.names {
            moved.formUnion(interests.tails(folder, name))
            expandable.formUnion(interests.globs(inFolder: folder))
        }
        for folder in changes.changedFolders {
            moved.formUnion(interests.tails(inFolder: folder))
            expandable.formUnion(interests.globs(inFolder: folder))
        }
        if changes.isIncomplete {
            journal.write(.warning, "the kernel lost file notifications; looking at every file")
            moved.formUnion(order)
            expandable.formUnion(globs.indices)
        }
        for id in moved { examine(id, now) }
        moved.formUnion(discover(expandable, now))
        return moved.union(changes.written)
    }

    /// Looks at a tail's path again, after making sure that further changes will be heard of.
    func examine(_ id: ObjectIdentifier, _ now: Int64) {
        guard let tail = tails[id] else { return }
        tail.watchUnwatched()
        tail.examine(now: now)
        guard arm(tail) else { return }
        repeat { tail.examine(now: now) } while arm(tail)
        watches.keepFolders(interests.folders)
    }

    /// Those of the tails, in the order in which they are read.
    func tails(among ids: Set<ObjectIdentifier>) -> [TailedFile] {
        ids.compactMap { tails[$0] }.sorted { $0.path < $1.path }
    }

    /// Forgets a file that a glob had found, once it is gone and read; one that was named is
    /// waited for.
    func forget(_ tail: TailedFile) {
        guard paths[tail.path] == true else { return }
        let id = ObjectIdentifier(tail)
        if let record = tail.checkpoint() {
            unfollowed.addUncommitted(
                TailMemory(record), of: .init(source: record.source, path: record.path))
        }
        _ = interests.set([], for: id)
        tails[id] = nil
        paths[tail.path] = nil
        // Another name of its file may be a path of its own now.
        toldPaths = []
        order.removeAll { $0 == id }
    }

    /// Tells why a path is not followed, once: a glob meets it again at each look.
    func tell(_ level: Journal.Level, _ path: String, _ reason: String) {
        if toldPaths.insert(path).inserted { journal.write(level, reason) }
    }

    /// Begins to follow a path; nil where its file is followed under another one, and where a glob
    /// matches what is no file.
    func follow(
        _ path: String, _ configuration: TailConfiguration, _ occasion: Occasion, _ now: Int64
    ) throws(StartError) -> TailedFile? {
        guard paths[path] == nil else { return nil }
        let status = try status(of: path)
        // What a path became that is not UTF-8.
        if status == nil, path.contains("\u{FFFD}") { throw .notUTF8(path: path) }
        if let status, status.kind != .regular {
            guard occasion == .named else { return nil }
            throw .notRegular(path: path, kind: status.kind.rawValue)
        }
        if let other = status.flatMap({ reader(of: $0.identity) }) {
            tell(.info, path, "\(path) is the same file as \(other.path), which is followed")
            // A symlink that was named may lead to another file later.
            guard occasion == .named, !isOnce else {
                areMatchesWaiting = true
                return nil
            }
        }
        let memory = try memory(of: path, configuration.source)
        let tail = TailedFile(path: path, configuration, memory, watches, harvest)
        tail.elsewhere = { [unowned self, unowned tail] in elsewhere($0, than: tail) }
        tail.onRelease = { [unowned self] in hasReleased = true }
        tail.followedSince = startTime
        let id = ObjectIdentifier(tail)
        tails[id] = tail
        order.append(id)
        paths[path] = occasion != .named
        _ = arm(tail)
        pollIfSilent(tail)
        let isStart = occasion != .appeared
        if isStart { tail.finder.snapshot = snapshot(of: tail.finder.archives) }
        do throws(SystemCallError) {
            let start: TailedFile.Start =
                configuration.fromStart ? .oldest : isStart ? .end : .appeared
            try tail.begin(start, now: now)
        } catch {
            if error.limit == .files {
                let reason = "the limit of open files is reached; raise it with 'ulimit -n'"
                guard !isOnce else { throw .system("\(reason), to read \(path)") }
                tell(.error, "", "unable to follow \(path): \(reason); it is tried again")
            } else if isOnce || occasion == .named && error.object == path {
                // Not a sibling that was just rotated, and may be read a moment later.
                throw .unreadable(path: error.object, reason: error.reason)
            }
            tail.meet(error, now)
        }
        knownInodes?.formUnion(tail.inodes)
        return tail
    }

    /// What a folder holds, listed once for all tails of a start, and again where it has changed.
    private func snapshot(of folder: String) -> FolderSnapshot? {
        if let known = snapshots[folder], (try? known.isCurrent()) == true { return known }
        snapshots[folder] = try? FolderSnapshot(of: folder)
        return snapshots[folder]
    }

    /// Looks at a tail by the clock where its file system cannot tell of changes.
    private func pollIfSilent(_ tail: TailedFile) {
        let folder = Folder.parent(of: tail.path)
        guard tail.configuration.pollInterval == nil,
            let name = FileSystem.silentName(at: folder)
        else { return }
        tail.isSilent = true
        journal.write(
            .warning,
            "\(folder) is on \(name), which does not tell of changes; looking every second "
                + "(--poll sets another interval)")
    }

    private func status(of path: String) throws(StartError) -> FileStatus? {
        do throws(SystemCallError) {
            return try FileStatus(path: path)
        } catch {
            throw .unreadable(path: path, reason: error.reason)
        }
    }

    /// Watches the folders that decide what a tail reads; true where they are other than before,
    /// or one was not watched yet: what came into it by then was not told.
    /// Where one cannot be watched, the tail is looked at by the clock.
    private func arm(_ tail: TailedFile) -> Bool {
        let decisive = PathPattern.decisiveNames(
            of: tail.path, linkTarget: Folder.linkTarget,
            exists: { Folder.realPath($0) != nil })
        var names: Set<Interests.Name> = []
        var (isNew, isHeard) = (false, true)
        for (folder, name) in decisive {
            let outcome = watches.watchFolder(folder)
            isNew = isNew || outcome.isNew
            isHeard = isHeard && outcome.isHeard
            if outcome.isWatched { names.insert(Interests.Name(folder: folder, name: name)) }
        }
        tail.isPathHeard = isHeard
        return interests.set(names, for: ObjectIdentifier(tail)) || isNew
    }
}
