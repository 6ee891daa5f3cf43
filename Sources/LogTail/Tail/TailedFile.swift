internal import Checkpoint
internal import Observers
internal import Syscalls

/// One path that is followed: its generations, oldest unread first, and what their lines did.
///
/// Generations are read strictly in their order. Those that were read to their end and have a
/// successor stay open for a while, since a writer may go on in a renamed file.
final class TailedFile {
    /// Generations that were passed and are remembered at the most. One would do, but that
    /// several can be deleted or truncated at once.
    private static let memoryLimit = 8

    let path: String
    let configuration: TailConfiguration
    var finder: SiblingFinder
    let watches: WatchTable
    let harvest: Harvest
    private(set) var interpreter: LineInterpreter
    private let scanner: LineScanner

    /// The generations there are, oldest first: passed ones, open ones that were read to their
    /// end but may still grow, the one that is being read, and those to be read after it.
    var generations: [Generation]
    /// True where the database holds a checkpoint of this path.
    let hasCheckpoint: Bool
    /// The generation whose first bytes were seen last.
    private weak var beginning: GenerationReader?
    /// How the path is to be begun, until it could be.
    var pendingStart: Start?
    private var hasReportedStart = false

    private(set) var bytesRead: Int64
    /// Lines that were passed over because they are too long.
    var linesOversized: Int64
    /// The youngest sibling there was that is compressed in a way that is not read.
    var youngestForeign: ForeignArchive?
    /// When bytes were last read, nanoseconds since the epoch.
    private var lastRead: Int64?
    /// True where the checkpoint in the database is behind.
    var isDirty = false
    var problem: Problem?
    /// What is known of a file under another path.
    var elsewhere: (FileIdentity) -> Elsewhere? = { _ in nil }
    /// True where a file that belongs here was read under another path at the last look.
    var isWaitingForOthers = false
    /// Called when a file that was read here no longer is.
    var onRelease: () -> Void = {}
    /// Since when siblings may not be read, on the monotonic clock.
    var forbidden: [FileIdentity: Int64] = [:]

    init(
        path: String, _ configuration: TailConfiguration, _ memory: TailMemory,
        _ watches: WatchTable, _ harvest: Harvest
    ) {
        self.path = path
        self.configuration = configuration
        self.watches = watches
        self.harvest = harvest
        finder = SiblingFinder(path: path, archives: configuration.archives)
        scanner = LineScanner(marker: configuration.observer.descriptor.marker)
        interpreter = LineInterpreter(configuration, path: path, memory, harvest)
        hasCheckpoint = memory.position != nil
        generations = memory.generations.map { Generation($0) }
        bytesRead = memory.bytesRead
        linesOversized = memory.state?.linesOversized ?? 0
        youngestForeign = memory.state?.youngestForeign
        lastRead = memory.state?.lastRead
    }

    /// The generations that are open.
    private var open: [GenerationReader] { generations.compactMap(\.reader) }

    /// True where a generation is open.
    var isOpen: Bool { generations.contains { $0.reader != nil } }

    /// Reads what there is, generation by generation, until `budget` bytes were read; true where
    /// there is more.
    func read(_ buffer: inout LineBuffer, budget: Int, now: Int64) -> Bool {
        var left = budget
        var index = 0
        interpreter.now = now
        while index < generations.count {
            guard let reader = generations[index].reader else {
                index += 1
                continue
            }
            if left <= 0 || harvest.isFull { return true }
            do throws(SystemCallError) {
                switch try readBlock(reader, &buffer, now) {
                case .bytes(let count):
                    left -= count
                    generations[index].following?.lastActivity = now
                    lastRead = Clock.wall
                    isDirty = true
                    // What is written from now on is reported. Reading once more to find nothing
                    // doubles the cost of a wake-up.
                    if reader.hasReachedEnd, index == generations.count - 1 {
                        clearProblem(ofReading: true)
                        return false
                    }
                case .end where try wasEmptied(index):
                    try look(now)
                    index = 0
                case .end:
                    if isAwaitingRest(reader) { return false }
                    if !generations[index].isLeft { leave(index, now) }
                    index += 1
                case .changed:
                    try look(now)
                    index = 0
                case .shrunk(let bytes):
                    generations[index].following?.lostBytes = bytes
                    try look(now)
                    index = 0
                case .withheld:
                    index = 0
                }
                clearProblem(ofReading: true)
            } catch {
                meet(error, now, whileReading: true)
                return false
            }
        }
        clearProblem(ofReading: true)
        return false
    }

    private func readBlock(
        _ reader: GenerationReader, _ buffer: inout LineBuffer, _ now: Int64
    ) throws(SystemCallError) -> GenerationReader.Outcome {
        let before = reader.offset
        let outcome = try reader.read(
            &buffer, scanner, limit: configuration.maximumLineBytes,
            admit: { () throws(SystemCallError) in try isNext(reader, now) },
            oversized: { start, bytes in skip(bytes, at: start, in: reader) },
            { line, start in interpreter.interpret(line, at: start) })
        bytesRead += reader.offset - before
        if let archive = reader.source as? GzipReader, outcome == .end {
            noticeDamage(archive, reader)
        }
        return outcome
    }

    /// Whether an empty file was written to since the last look: if so it was copied and truncated
    /// before anything of it was read.
    private func wasEmptied(_ index: Int) throws(SystemCallError) -> Bool {
        guard let following = generations[index].following, following.reader.offset == 0,
            following.reader.unfinishedBytes == 0, following.reader.source.isLive
        else { return false }
        return try following.reader.source.status().modified != following.modifiedAtLook
    }

    /// Looks whether a generation is to be read next. Before its first line was read, its file may
    /// have been copied and truncated, which no name tells and too few bytes that are known. Nor
    /// may it come before what its writer wrote last to the file that was renamed.
    private func isNext(
        _ reader: GenerationReader, _ now: Int64
    ) throws(SystemCallError) -> Bool {
        let before = open.prefix { $0 !== reader }.map(ObjectIdentifier.init)
        try look(now)
        let after = open
        guard after.contains(where: { $0 === reader }) else { return false }
        let older = after.prefix { $0 !== reader }
        guard older.map(ObjectIdentifier.init) == before else { return false }
        // Once is enough: whoever wrote to this file by then has done with the older ones.
        if beginning === reader { return true }
        beginning = reader
        for other in older where try other.hasMore() { return false }
        return true
    }

    /// The checkpoint of everything read so far; nil before the path could be looked at.
    ///
    /// Its position is in the youngest generation of which a line was read: an empty one could
    /// not be recognised after a restart, while what follows a known one is found. Only where a
    /// symlink led to it, no name tells that it follows; it is kept to be found at that path.
    func checkpoint() -> CheckpointRecord? {
        guard pendingStart == nil else { return nil }
        let begun = generations.lastIndex(where: \.isBegun)
        var records: [Generation.Record] = []
        for index in generations.indices {
            try? generations[index].refresh(forCheckpoint: true)
            if index <= begun ?? -1 || generations[index].target != nil {
                records.append(generations[index].record)
            }
        }
        let nowhere = FileIdentity(device: 0, inode: 0, birth: nil)
        return CheckpointRecord(
            source: configuration.source, path: path,
            // All up to the one that was begun last are there.
            position: begun.map { records[$0].position }
                ?? Position(
                    identity: generations.last?.identity ?? nowhere, offset: 0,
                    fingerprint: .empty),
            state: TailState.encode(
                interpreter, records, lastRead: lastRead, linesOversized: linesOversized,
                youngestForeign),
            bytesRead: bytesRead, linesMatched: interpreter.linesMatched,
            linesUnparsed: interpreter.linesUnparsed)
    }

    /// When this tail has something to do by itself, on the monotonic clock.
    var nextDeadline: Int64? {
        let time = min(dueTime, pollTime ?? .max)
        return time == .max ? nil : time
    }

    /// The same, but for looking by the clock, which never ends.
    private var dueTime: Int64 {
        // Asked after each read: a list of them is made on the heap.
        min(interpreter.closingTime ?? .max, releaseTime ?? .max, problem?.retryTime ?? .max)
    }

    /// Does what has become due: closes episodes that are over, lets go of generations that no
    /// longer grow. Only to be called when nothing is left to read; true where there is by now.
    func settle(now: Int64) -> Bool {
        if let time = interpreter.closingTime, now > time {
            interpreter.closeEpisodes()
            isDirty = true
        }
        while let time = releaseTime, now >= time, let reader = open.first {
            if let archive = reader.source as? GzipReader, archive.mayGrow {
                archive.giveUp()
                return true
            }
            releaseOldest()
        }
        return false
    }

    // MARK: Moving from one generation to the next

    /// Moves on from a generation that was read to its end, where there is another one.
    private func leave(_ index: Int, _ now: Int64) {
        guard let next = generations[(index + 1)...].first(where: { $0.reader != nil }) else {
            return
        }
        generations[index].isLeft = true
        generations[index].following?.lastActivity = now
        isDirty = true
        let old = generations[index]
        report(
            Notice(.rotated, offset: old.reader?.offset ?? 0) { json in
                json.field("old", old.identity)
                json.field("new", next.identity)
            })
    }

    /// True for an archive that is still being written, at the end of what there is of it.
    private func isAwaitingRest(_ reader: GenerationReader) -> Bool {
        (reader.source as? GzipReader)?.mayGrow ?? false
    }

    /// When the oldest generation is let go, or no longer waited for; nil where it stays.
    private var releaseTime: Int64? {
        guard let oldest = generations.first(where: { $0.reader != nil }),
            let following = oldest.following
        else { return nil }
        if let archive = following.reader.source as? GzipReader, !archive.mayGrow {
            return oldest.isLeft ? 0 : nil
        }
        guard oldest.isLeft || oldest.isDeleted || !following.reader.source.isLive else {
            return nil
        }
        return following.lastActivity.addingSaturating(configuration.rotateWait)
    }

    private func releaseOldest() {
        guard let index = generations.firstIndex(where: { $0.reader != nil }),
            let oldest = generations[index].reader
        else { return }
        if oldest.unfinishedBytes > 0 {
            report(
                Notice(.tailStopped, offset: oldest.offset) { json in
                    json.field("reason", "rotated away with an unfinished line")
                    json.field("unfinished_bytes", oldest.unfinishedBytes)
                })
        }
        unwatch(generations[index])
        generations[index] = generations[index].closed(isWanted: false)
        forgetLost()
        isDirty = true
        onRelease()
    }

    /// Drops generations that nothing is to be learned from any more.
    func forgetLost() {
        for index in generations.indices where generations[index].isMissing {
            generations[index] = generations[index].closed(isWanted: false)
        }
        generations.removeAll { $0.reader == nil && !$0.isBegun }
        let passed = generations.indices.filter { generations[$0].reader == nil }
        for index in passed.dropLast(Self.memoryLimit).reversed() {
            generations.remove(at: index)
        }
    }

    /// Ends the watch of a generation that is no longer followed.
    func unwatch(_ generation: Generation) {
        if let watch = generation.following?.watch { watches.unfollow(watch, self) }
    }

    /// True where nothing more can be read now: no archive is still being written.
    var isAtEnd: Bool { !open.contains(where: isAwaitingRest) }

    /// Bytes that the open generations were seen to have beyond what was read of them.
    var unreadBytes: Int64 { open.reduce(0) { $0 + $1.unreadBytes } }

    /// Closes the open episodes at the end of a log that is read once.
    func finish() {
        interpreter.closeEpisodes()
        isDirty = true
    }

    // MARK: Looking without a report

    /// How often to look where the kernel cannot tell of changes, nanoseconds.
    static let fallbackInterval: Int64 = 1_000_000_000

    /// True where the file system tells of no changes.
    var isSilent = false

    /// False while a folder on the way to the path cannot be watched.
    var isPathHeard = true

    /// True where the kernel does not hear of all changes, now or ever.
    private var mustPoll: Bool {
        isSilent || !isPathHeard
            || generations.contains { $0.following.map { $0.watch == nil } ?? false }
    }

    /// Asks again for the watches of open files that could not be had.
    func watchUnwatched() {
        for index in generations.indices {
            guard let following = generations[index].following, following.watch == nil else {
                continue
            }
            generations[index].following?.watch = watches.follow(
                following.reader.source, by: self)
        }
    }

    /// When this path is looked at without a report; nil where reports suffice.
    private var pollTime: Int64? {
        guard let interval = configuration.pollInterval ?? (mustPoll ? Self.fallbackInterval : nil)
        else { return nil }
        return lastLook.addingSaturating(interval)
    }

    /// True when the path is to be looked at without a report.
    func isDueForLook(_ now: Int64) -> Bool {
        (pollTime ?? .max) <= now || (problem?.retryTime ?? .max) <= now
    }

    /// When the path was last looked at, on the monotonic clock.
    var lastLook: Int64 = 0

    /// Siblings whose bytes are younger than this belong to a file that appeared since it was
    /// waited for; wall clock, nanoseconds.
    var followedSince: Int64 = 0

    /// True where nothing is open and nothing is waited for but the path itself.
    var isOver: Bool { !isOpen && dueTime == .max && problem == nil }

    /// The inodes of the generations that are read here, or were and are remembered.
    var inodes: [UInt64] { generations.map(\.identity.inode) }

    /// What is known here of a file.
    func generation(_ identity: FileIdentity) -> Generation? {
        generations.last { $0.identity.isSameFile(as: identity) }
    }

    /// Says where reading began, once there is something to read.
    func reportStart(_ from: String) {
        guard !hasReportedStart,
            let index = generations.firstIndex(where: { !$0.isLeft && $0.reader != nil }),
            let reader = generations[index].reader
        else { return }
        hasReportedStart = true
        isDirty = true
        report(
            Notice(.tailStarted, offset: reader.offset) { json in
                json.field("from", from)
                json.field("file", reader.path)
            })
    }
}
