internal import Checkpoint
internal import Observers
internal import Syscalls

/// One path that is followed: its generations, oldest unread first, and what their lines did.
///
/// Generations are read strictly in their order. Those that were read to their end and have a
/// successor stay open for a while, since a writer may go on in a renamed file.
final class TailedFile {
    /// A generation that is open.
    struct Following {
        let reader: GenerationReader
        let watch: Inotify.Watch?
        /// When bytes were last read, or when it got a successor, on the monotonic clock.
        var lastActivity: Int64
        /// When its bytes had last changed as of the last look, nanoseconds since the epoch.
        var modified: Int64
    }

    /// Why this path cannot be read now.
    struct Problem: Equatable {
        let description: String
        /// When to try again by ourselves, on the monotonic clock; nil where a report will come.
        let retryTime: Int64?

        static func == (left: Problem, right: Problem) -> Bool {
            left.description == right.description
        }
    }

    let path: String
    let configuration: TailConfiguration
    let finder: SiblingFinder
    let watches: WatchTable
    let harvest: Harvest
    let interpreter: LineInterpreter
    private let scanner: LineScanner

    /// Open generations, oldest first; the ones before `current` were read to their end.
    var readers: [Following] = []
    /// Which of them is being read.
    var current = 0
    /// Where reading stands while nothing is open.
    var lastPosition: Position?
    /// When the generation of `lastPosition` had last changed, nanoseconds since the epoch.
    var lastModified: Int64?
    /// True where reading has moved on from that generation already.
    var isLeft: Bool
    /// True where that generation was read to its end and then deleted: nothing of it can be
    /// missing.
    var isFinished: Bool
    /// Generations of the checkpoint that may still grow, until they are opened again.
    var stillDraining: [Position]
    /// True where the oldest open generation has no name any more, which only a writer that still
    /// has it open could make grow.
    var isOldestDeleted = false
    private var hadOversizedLine: Bool

    private(set) var bytesRead: Int64
    /// True where the checkpoint in the database is behind.
    var isDirty = false
    private(set) var problem: Problem?

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
        lastPosition = memory.position
        let progress = memory.state?.progress ?? TailState.Progress()
        lastModified = progress.modified
        stillDraining = progress.draining
        hadOversizedLine = progress.hadOversizedLine
        isLeft = progress.isLeft
        isFinished = progress.isFinished
        bytesRead = memory.bytesRead
    }

    /// Reads what there is, generation by generation, until `budget` bytes were read; true where
    /// there is more.
    func read(_ buffer: inout LineBuffer, budget: Int, now: Int64) -> Bool {
        var left = budget
        var index = 0
        interpreter.now = now
        while index < readers.count {
            if left <= 0 || harvest.isFull { return true }
            do throws(SystemCallError) {
                switch try readBlock(index, &buffer) {
                case .bytes(let count):
                    left -= count
                    readers[index].lastActivity = now
                    isDirty = true
                case .end:
                    if isAwaitingRest(readers[index].reader) { return false }
                    if index == current, index + 1 < readers.count { moveOn(now) }
                    index += 1
                case .changed:
                    try recover(index, now)
                    isDirty = true
                }
                clearProblem()
            } catch {
                meet(error, now)
                return false
            }
        }
        return false
    }

    private func readBlock(
        _ index: Int, _ buffer: inout LineBuffer
    ) throws(SystemCallError) -> GenerationReader.Outcome {
        let reader = readers[index].reader
        let before = reader.offset
        let outcome = try reader.read(
            &buffer, scanner, limit: configuration.maximumLineBytes,
            oversized: { start, bytes in skip(bytes, at: start, in: reader) },
            { line, start in interpreter.interpret(line, at: start) })
        bytesRead += reader.offset - before
        if let archive = reader.source as? GzipReader, outcome == .end {
            noticeDamage(archive, reader)
        }
        return outcome
    }

    /// The checkpoint of everything read so far; nil before the first file was opened.
    ///
    /// Its position is in the youngest generation of which a line was read: an empty head could
    /// not be recognised after a restart, while what follows a known generation is found.
    func checkpoint() -> CheckpointRecord? {
        let begun = readers.prefix(current + 1).lastIndex { $0.reader.offset > 0 }
        if let begun { refresh(begun) }
        let position = begun.map { readers[$0].reader.position } ?? lastPosition
        guard let position = position ?? readers.first?.reader.position else { return nil }
        let draining = readers[..<(begun ?? 0)].map(\.reader.position).filter { $0.offset > 0 }
        let state = TailState.encode(
            interpreter,
            TailState.Progress(
                modified: begun.map { readers[$0].modified } ?? lastModified,
                isLeft: begun.map { $0 < current } ?? isLeft, isFinished: isFinished,
                hadOversizedLine: hadOversizedLine, draining: stillDraining + draining))
        return CheckpointRecord(
            source: configuration.source, path: path, position: position, state: state,
            bytesRead: bytesRead, linesMatched: interpreter.linesMatched,
            linesUnparsed: interpreter.linesUnparsed)
    }

    /// Takes note of how a generation looks now.
    private func refresh(_ index: Int) {
        guard let status = try? readers[index].reader.source.status() else { return }
        readers[index].modified = status.modified
        readers[index].reader.noteSize(status.size)
    }

    /// When this tail has something to do by itself, on the monotonic clock.
    var nextDeadline: Int64? {
        [interpreter.closingTime, releaseTime, problem?.retryTime, pollTime]
            .compactMap { $0 }.min()
    }

    /// Does what has become due: closes episodes that are over, lets go of generations that no
    /// longer grow. Only to be called when nothing is left to read; true where there is by now.
    func settle(now: Int64) -> Bool {
        if let time = interpreter.closingTime, now > time {
            interpreter.closeEpisodes()
            isDirty = true
        }
        while let time = releaseTime, now >= time {
            if let archive = readers[0].reader.source as? GzipReader, archive.mayGrow {
                archive.giveUp()
                return true
            }
            releaseOldest()
        }
        return false
    }

    // MARK: Moving from one generation to the next

    private func moveOn(_ now: Int64) {
        let old = readers[current].reader
        current += 1
        hadOversizedLine = false
        readers[current - 1].lastActivity = now
        let new = readers[current].reader
        if !isLeft {
            report(
                Notice(.rotated, offset: old.offset) { json in
                    json.field("old", old.identity)
                    json.field("new", new.identity)
                })
        }
        isLeft = false
        isDirty = true
    }

    /// True for an archive that is still being written, at the end of what there is of it.
    private func isAwaitingRest(_ reader: GenerationReader) -> Bool {
        (reader.source as? GzipReader)?.mayGrow ?? false
    }

    /// When the oldest generation is let go, or no longer waited for; nil where it stays.
    private var releaseTime: Int64? {
        guard let oldest = readers.first else { return nil }
        if let archive = oldest.reader.source as? GzipReader {
            if !archive.mayGrow { return current > 0 ? 0 : nil }
        } else if current == 0, !isOldestDeleted {
            return nil
        }
        return oldest.lastActivity.addingSaturating(configuration.rotateWait)
    }

    private func releaseOldest() {
        let oldest = readers[0].reader
        if oldest.unfinishedBytes > 0 {
            report(
                Notice(.tailStopped, offset: oldest.offset) { json in
                    json.field("reason", "rotated away with an unfinished line")
                    json.field("unfinished_bytes", oldest.unfinishedBytes)
                })
        }
        if oldest.offset > 0 {
            lastPosition = oldest.position
            lastModified = readers[0].modified
            isLeft = current > 0
            isFinished = isOldestDeleted
        }
        isOldestDeleted = false
        unwatch(readers.removeFirst())
        current = max(0, current - 1)
        isDirty = true
    }

    /// Ends the watch of a generation that is no longer followed.
    func unwatch(_ following: Following) {
        if let watch = following.watch { watches.unfollow(watch, self) }
    }

    /// True where nothing more can be read now: no archive is still being written.
    var isAtEnd: Bool { !readers.contains { isAwaitingRest($0.reader) } }

    /// Bytes that the open generations were seen to have beyond what was read of them.
    var unreadBytes: Int64 { readers.reduce(0) { $0 + $1.reader.unreadBytes } }

    /// Closes the open episodes at the end of a log that is read once.
    func finish() {
        interpreter.closeEpisodes()
        isDirty = true
    }

    /// Closes everything, for good.
    func stop(reason: String) {
        if let position = checkpoint()?.position {
            report(
                Notice(.tailStopped, offset: position.offset) { json in
                    json.field("reason", reason)
                })
        }
        isDirty = true
    }

    // MARK: What cannot be read

    private func skip(_ bytes: Int64, at start: Int64, in reader: GenerationReader) {
        guard !hadOversizedLine else { return }
        hadOversizedLine = true
        let limit = configuration.maximumLineBytes
        report(
            Notice(.lineOversized, offset: start) { json in
                json.field("bytes", bytes)
                json.field("limit", limit)
            })
    }

    private func noticeDamage(_ archive: GzipReader, _ reader: GenerationReader) {
        guard let reason = archive.takeFailure() else { return }
        report(
            Notice(.archiveUnreadable, offset: reader.offset) { json in
                json.field("file", reader.path)
                json.field("reason", reason)
            })
    }

    /// Records a notice about this path.
    func report(_ notice: Notice) {
        let time = Clock.wall
        harvest.events.append(
            notice.event(
                configuration, path: path, at: Timestamp(nanoseconds: time),
                occasion: String(time)))
    }

    /// Takes note of a failure; it is reported once, until something else happens.
    func meet(_ error: SystemCallError, _ now: Int64) {
        // What is forbidden or missing is reported by the kernel when that changes.
        let isReported = error.isForbidden || error.isMissing
        let problem = Problem(
            description: error.description,
            retryTime: isReported ? nil : now.addingSaturating(Self.retryInterval))
        if problem != self.problem {
            let offset = readers.isEmpty ? lastPosition?.offset : readers[current].reader.offset
            report(
                Notice(.readFailed, offset: offset ?? 0) { json in
                    json.field("reason", error.description)
                })
            isDirty = true
        }
        self.problem = problem
    }

    /// A disk that fails is asked again this often, nanoseconds.
    private static let retryInterval: Int64 = 1_000_000_000

    func clearProblem() {
        if problem != nil { problem = nil }
    }

    // MARK: Looking without a report

    /// How often to look where the kernel cannot tell of changes, nanoseconds.
    private static let fallbackInterval: Int64 = 1_000_000_000

    private var mustPoll = false

    /// Looks at the path by the clock from now on where one of its files could not be watched.
    func pollUnwatched() {
        mustPoll = mustPoll || readers.isEmpty || readers.contains { $0.watch == nil }
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
    var isOver: Bool { readers.isEmpty && nextDeadline == nil }
}
