internal import Checkpoint
internal import Observers
internal import Syscalls

/// The paths that are followed: which there are, how new ones are found, and whom a change
/// concerns.
final class Followed {
    private struct Glob {
        let pattern: PathPattern
        let tail: TailConfiguration
        /// How often it is expanded without a report, nanoseconds; nil where reports suffice.
        var interval: Int64?
    }

    private let recorder: any Recorder
    private let harvest: Harvest
    private let watches: WatchTable
    private let journal: Journal
    /// Files whose bytes are younger than this have appeared since, by the wall clock.
    private let startTime = Clock.wall

    private var globs: [Glob] = []
    /// When globs were last expanded by the clock.
    private var lastExpansion: Int64 = 0
    private var interests = Interests()
    private(set) var tails: [ObjectIdentifier: TailedFile] = [:]
    /// The order in which tails are read.
    private(set) var order: [ObjectIdentifier] = []
    /// Paths that are followed, and whether a glob found them.
    private var paths: [String: Bool] = [:]
    /// Which path led to a file first, so that no file is read under two names.
    private var firstPaths: [FileIdentity: String] = [:]
    /// Other names of those files, as far as they were told.
    private var otherPaths: [String: FileIdentity] = [:]
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
        defer { snapshots = [:] }
        for set in configuration.tails {
            for pattern in set.patterns.map(PathPattern.init) {
                if pattern.isGlob, Folder.realPath(pattern.text) == nil {
                    globs.append(Glob(pattern: pattern, tail: set.tail))
                    continue
                }
                let tail = try follow(pattern.text, set.tail, isStart: true, isFromGlob: false, now)
                if configuration.once, let tail, !tail.isOpen {
                    throw .missing(path: pattern.text)
                }
            }
        }
        for index in globs.indices {
            for path in newMatches(index) {
                _ = try follow(path, globs[index].tail, isStart: true, isFromGlob: true, now)
            }
        }
        if configuration.once, order.isEmpty, let glob = globs.first {
            throw .missing(path: glob.pattern.text)
        }
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
        for folder in changes.goneFolders {
            moved.formUnion(interests.tails(inFolder: folder))
            expandable.formUnion(interests.globs(inFolder: folder))
        }
        if changes.isIncomplete {
            journal.write(.warning, "the kernel lost file notifications; looking at every file")
            moved.formUnion(order)
            expandable.formUnion(globs.indices)
        }
        for id in moved { examine(id, now) }
        for index in expandable { moved.formUnion(discover(index, now)) }
        return moved.union(changes.written)
    }

    /// When new files are to be looked for without a report; nil where reports suffice.
    var nextExpansion: Int64? {
        globs.compactMap(\.interval).min().map { lastExpansion.addingSaturating($0) }
    }

    /// Looks for new files of all globs, and says which tails may have something to read now.
    func expandGlobs(now: Int64) -> Set<ObjectIdentifier> {
        lastExpansion = now
        return globs.indices.reduce(into: []) { $0.formUnion(discover($1, now)) }
    }

    /// Looks at a tail's path again, after making sure that further changes will be heard of.
    func examine(_ id: ObjectIdentifier, _ now: Int64) {
        guard let tail = tails[id] else { return }
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
        _ = interests.set([], for: id)
        tails[id] = nil
        paths[tail.path] = nil
        firstPaths = firstPaths.filter { $0.value != tail.path }
        otherPaths = otherPaths.filter { firstPaths[$0.value] != nil }
        order.removeAll { $0 == id }
    }

    private func discover(_ index: Int, _ now: Int64) -> Set<ObjectIdentifier> {
        var found: Set<ObjectIdentifier> = []
        for path in newMatches(index) {
            do throws(StartError) {
                let tail = try follow(
                    path, globs[index].tail, isStart: false, isFromGlob: true, now)
                if let tail { found.insert(ObjectIdentifier(tail)) }
            } catch {
                journal.write(.error, "unable to follow \(path): \(error)")
            }
        }
        return found
    }

    /// Paths that a glob matches and nothing follows yet. A rotated sibling of a match or of a
    /// followed path is no path of its own.
    private func newMatches(_ index: Int) -> [String] {
        func list(_ folder: String) -> [String]? { (try? Folder.names(in: folder)) ?? nil }
        var expansion = globs[index].pattern.expand(list)
        var watched = decisiveFolders(of: expansion)
        // A folder that appeared between the look and the watch is found by looking again.
        while watched.reduce(false, { watches.watchFolder($1).isNew || $0 }) {
            expansion = globs[index].pattern.expand(list)
            watched = decisiveFolders(of: expansion)
        }
        interests.set(watched, forGlob: index)
        let isUnheard =
            watches.failure != nil || watched.contains { FileSystem.silentName(at: $0) != nil }
        globs[index].interval =
            globs[index].tail.pollInterval
            ?? (isUnheard ? TailedFile.fallbackInterval : globs[index].interval)
        let known = Set(expansion.paths).union(paths.keys)
        return expansion.paths.filter { path in
            guard paths[path] == nil else { return false }
            let folder = Folder.parent(of: path)
            return !RotationChain.bases(of: Folder.name(of: path)).contains {
                known.contains(folder + "/" + $0)
            }
        }
    }

    /// The folders in which a glob may match something new: those it looks into, and for one that
    /// is still to come the one in which it will appear.
    private func decisiveFolders(of expansion: PathPattern.Expansion) -> Set<String> {
        expansion.folders.reduce(into: expansion.folders) { folders, folder in
            let names = PathPattern.decisiveNames(
                of: folder, linkTarget: Folder.linkTarget,
                exists: { Folder.realPath($0) != nil })
            folders.formUnion(names.map(\.folder))
        }
    }

    /// Begins to follow a path; nil where its file is followed under another one.
    private func follow(
        _ path: String, _ configuration: TailConfiguration, isStart: Bool, isFromGlob: Bool,
        _ now: Int64
    ) throws(StartError) -> TailedFile? {
        guard paths[path] == nil else { return nil }
        let status = try status(of: path, isStart: isStart)
        if let identity = status?.identity {
            if let other = firstPaths[identity] {
                // A glob meets it again at each look.
                guard otherPaths.updateValue(identity, forKey: path) != identity else { return nil }
                journal.write(.warning, "\(path) is the same file as \(other), which is followed")
                return nil
            }
        }
        let memory = try memory(of: path, configuration)
        if let identity = status?.identity { firstPaths[identity] = path }
        let tail = TailedFile(path: path, configuration, memory, watches, harvest)
        tail.followedSince = startTime
        let id = ObjectIdentifier(tail)
        tails[id] = tail
        order.append(id)
        paths[path] = isFromGlob
        _ = arm(tail)
        pollIfSilent(tail)
        if isStart { tail.finder.snapshot = snapshot(of: tail.finder.archives) }
        do throws(SystemCallError) {
            let start: TailedFile.Start =
                isStart ? configuration.fromStart ? .oldest : .end : .appeared
            try tail.begin(start, now: now)
        } catch {
            if isStart { throw .unreadable(path: error.object, reason: error.reason) }
            tail.meet(error, now)
        }
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
        tail.poll()
        journal.write(
            .warning,
            "\(folder) is on \(name), which does not tell of changes; looking every second "
                + "(--poll sets another interval)")
    }

    private func status(of path: String, isStart: Bool) throws(StartError) -> FileStatus? {
        let status: FileStatus?
        do throws(SystemCallError) {
            status = try FileStatus(path: path)
        } catch {
            throw .unreadable(path: path, reason: error.reason)
        }
        if isStart, let status, status.kind != .regular {
            throw .notRegular(path: path, kind: status.kind.rawValue)
        }
        return status
    }

    private func memory(
        of path: String, _ configuration: TailConfiguration
    ) throws(StartError) -> TailMemory {
        do throws(RecorderError) {
            var memory = TailMemory()
            memory.knownStages = try recorder.stageNames(source: configuration.source)
            guard
                let record = try recorder.checkpoint(source: configuration.source, path: path)
            else { return memory }
            memory.position = record.position
            memory.bytesRead = record.bytesRead
            memory.linesMatched = record.linesMatched
            memory.linesUnparsed = record.linesUnparsed
            memory.state = TailState.decode(record.state)
            if record.state != nil, memory.state == nil {
                journal.write(.warning, "the open episodes of \(path) could not be read back")
            }
            return memory
        } catch {
            throw .recorder(error)
        }
    }

    /// Watches the folders that decide what a tail reads; true where they are other than before.
    /// Where one cannot be watched, the tail is looked at by the clock.
    private func arm(_ tail: TailedFile) -> Bool {
        let decisive = PathPattern.decisiveNames(
            of: tail.path, linkTarget: Folder.linkTarget,
            exists: { Folder.realPath($0) != nil })
        var names: Set<Interests.Name> = []
        for (folder, name) in decisive {
            if watches.watchFolder(folder).isWatched {
                names.insert(Interests.Name(folder: folder, name: name))
            } else if watches.failure != nil {
                tail.poll()
            }
        }
        return interests.set(names, for: ObjectIdentifier(tail))
    }
}
