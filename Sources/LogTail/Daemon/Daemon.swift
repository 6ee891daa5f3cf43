public import Syscalls

/// Follows files, and records what their lines did: one loop, on one thread.
///
/// ```swift
/// let daemon = try Daemon(configuration, recorder: store, journal: .silent)
/// try daemon.start()
/// while try daemon.turn() == nil {}
/// _ = daemon.stop()
/// ```
public final class Daemon {
    /// Why ``turn()`` said that it was the last one.
    public enum End: Equatable, Sendable {
        /// SIGTERM or SIGINT.
        case stopped
        /// `once`, and everything was read.
        case finished
        /// `once`, and of a path not everything could be read; the reason in words.
        case incomplete(path: String, reason: String)
        /// The file that is recorded into was moved, deleted or replaced.
        case displaced
    }

    /// Commits that only move positions are this far apart, nanoseconds: what they save is
    /// reading the same bytes again after a crash.
    private static let positionInterval: Int64 = 1_000_000_000
    /// Bytes read of one tail before the next has its turn; also what is read between commits.
    private static let budget = 8 * 1_024 * 1_024
    /// Bytes that come this soon after others are a busy log's, nanoseconds.
    private static let busyGap: Int64 = 2_000_000
    /// How long reading waits for the rest of a burst in a busy log, nanoseconds: nearly all such
    /// a log costs is being woken for each write. Longer would show in the latency.
    private static let rest: Int64 = 100_000

    /// Open files asked for: each followed file is one, and shells give a process 1,024.
    private static let openFiles: UInt = 65_536

    /// Where signals arrive; those that come after the last turn are its owner's to take.
    public let signals: Signals
    private let configuration: DaemonConfiguration
    private let journal: Journal
    private let poller: Poller
    private let watches: WatchTable
    private let recorder: any Recorder
    private let followed: Followed
    private let committer: Committer
    private let upkeep: UpkeepSchedule
    private let supervisor: Supervisor
    private var buffer = LineBuffer()

    /// Tails that may have something to read.
    private var pending: Set<ObjectIdentifier> = []
    /// Tails that have something to do by themselves, and when.
    private var deadlines: [ObjectIdentifier: Int64] = [:]
    private var lastRead: Int64 = 0
    /// The tail that was read last, while it is followed.
    private weak var lastTail: TailedFile?
    private var end: End?
    /// Why something could not be watched, by error number, as far as it was told.
    private var toldWatchFailures: Set<Int32> = []

    /// A daemon that records with `recorder`, which `upkeep` keeps within its limits. To be made
    /// before other threads are started, and on the thread that is to run the loop: it takes the
    /// signals of the process, and asks for short slices of the processor.
    public init(
        _ configuration: DaemonConfiguration, recorder: any Recorder,
        upkeep: (any Upkeep)? = nil, journal: Journal
    ) throws(StartError) {
        self.configuration = configuration
        self.journal = journal
        OpenFileLimit.raise(to: Self.openFiles)
        TimeSlice.shorten()
        do throws(SystemCallError) {
            poller = try Poller()
            signals = try Signals()
            watches = try WatchTable()
            try poller.add(signals.number, .read)
            if let number = watches.number { try poller.add(number, .read) }
        } catch {
            throw .system(error.description)
        }
        self.recorder = recorder
        let harvest = Harvest(recorder: recorder, limit: configuration.batchRows)
        followed = Followed(recorder, harvest, watches, journal)
        committer = Committer(recorder, harvest, journal)
        self.upkeep = UpkeepSchedule(upkeep, journal)
        supervisor = Supervisor()
    }

    /// Opens everything there is to follow, arms all watches and records where reading starts.
    public func start() throws(StartError) {
        let now = Clock.monotonic
        if let file = recorder.file { watches.watchRecord(file) }
        try followed.start(configuration, now: now)
        for id in followed.order { touch(id) }
        pending = Set(followed.order)
        commit(now, isForced: true)
        reportWatchFailure()
        supervisor.ready(status)
        journal.write(.info, status)
    }

    /// Waits for something to do and does it; nil where there will be more.
    public func turn() throws(SystemCallError) -> End? {
        var (isChanged, isSignalled) = (false, false)
        try poller.wait(milliseconds: timeout) { number, _ in
            if number == watches.number { isChanged = true }
            if number == signals.number { isSignalled = true }
        }
        if isChanged { restWhileBusy() }
        // One that fails to commit is not tried again in the same turn.
        let now = Clock.monotonic
        if isChanged { anticipate(now) }
        while isSignalled, let signal = try signals.next() { take(signal) }
        if isChanged {
            let changes = try watches.changes()
            let mayBeMoved = changes.isRecordMoved || changes.isIncomplete
            if mayBeMoved, !recorder.isInPlace { end = .displaced }
            pending.formUnion(followed.apply(changes, now: now))
        }
        if let time = followed.nextExpansion, time <= now {
            pending.formUnion(followed.expandGlobs(now: now))
        }
        for (id, deadline) in deadlines where deadline <= now { wake(id, now) }
        if isReadingPossible(now) { readRound(now) }
        commit(now, isForced: false)
        // Each of the two may wait for another program that writes to the database.
        supervisor.beat()
        upkeep.run()
        reportWatchFailure()
        // With a backlog, commits of events are often enough to tell how it goes.
        if pending.isEmpty { supervisor.report(status) }
        supervisor.beat()
        if end == nil, configuration.once, isFinished { finish() }
        return end
    }

    /// Records where reading stands, with everything that is still open; the last thing to call.
    /// False where the recorder cannot take it: a later start reads on from the last commit.
    public func stop() -> Bool {
        supervisor.stopping()
        for id in followed.order {
            followed.tails[id]?.stop(reason: stopReason)
            touch(id)
        }
        commit(Clock.monotonic, isForced: true)
        return committer.isClean
    }

    private var stopReason: String {
        switch end {
        case .finished: "everything was read"
        case .incomplete: "not everything could be read"
        case .stopped, .displaced, nil: "stopped"
        }
    }

    // MARK: Reading

    private func isReadingPossible(_ now: Int64) -> Bool {
        committer.isReady(now) && !upkeep.isReadingHeld
    }

    /// Lets every tail that may have something read its share.
    private func readRound(_ now: Int64) {
        guard !pending.isEmpty else { return }
        for tail in followed.tails(among: pending) {
            let id = ObjectIdentifier(tail)
            lastTail = tail
            let hasMore = tail.read(&buffer, budget: Self.budget, now: now)
            if !hasMore && !tail.settle(now: now) { pending.remove(id) }
            touch(id)
            if tail.isOver { followed.forget(tail) }
        }
        pending.formUnion(followed.passOn(now: now))
        if pending.isEmpty { buffer.shrink() }
        lastRead = Clock.monotonic
    }

    /// Waits for the rest of a burst where bytes come right after those that were read before.
    private func restWhileBusy() {
        guard pending.isEmpty, Clock.monotonic - lastRead < Self.busyGap else { return }
        Clock.rest(nanoseconds: Self.rest)
    }

    /// Reads a quiet log where was read last, before it is asked what changed: if nothing is there,
    /// little is lost, and if so, it is recorded sooner. Nothing is settled, since another file may
    /// have what comes next.
    private func anticipate(_ now: Int64) {
        guard pending.isEmpty, now - lastRead >= Self.busyGap, isReadingPossible(now),
            let lastTail
        else { return }
        let id = ObjectIdentifier(lastTail)
        if lastTail.read(&buffer, budget: Self.budget, now: now) { pending.insert(id) }
        if lastTail.isDirty { committer.note(lastTail) }
        commit(now, isForced: false)
        touch(id)
    }

    /// Wakes a tail whose time has come.
    private func wake(_ id: ObjectIdentifier, _ now: Int64) {
        guard let tail = followed.tails[id] else {
            deadlines[id] = nil
            return
        }
        if tail.isDueForLook(now) { followed.examine(id, now) }
        pending.insert(id)
    }

    /// Takes note of what a tail has to record and when it wants to be woken.
    private func touch(_ id: ObjectIdentifier) {
        guard let tail = followed.tails[id] else {
            deadlines[id] = nil
            return
        }
        if tail.isDirty { committer.note(tail) }
        deadlines[id] = tail.nextDeadline
    }

    // MARK: Recording

    private func commit(_ now: Int64, isForced: Bool) {
        guard committer.isDue(now, every: Self.positionInterval) || isForced else { return }
        let before = committer.rowsRecorded
        let hadEvents = committer.commit(now)
        if committer.isClean { followed.unfollowed.noteCommit() }
        if committer.rowsRecorded > before {
            upkeep.noteCommit(rows: committer.rowsRecorded - before)
        }
        if hadEvents { supervisor.report(status) }
    }

    // MARK: Waiting

    /// How long to wait at the most, in milliseconds; nil: until something happens.
    private var timeout: Int32? {
        if end != nil || upkeep.isPending { return 0 }
        if !pending.isEmpty, committer.isReady(Clock.monotonic) { return 0 }
        if configuration.once, isFinished { return 0 }
        let times = [
            deadlines.values.min(), committer.nextDeadline(every: Self.positionInterval),
            supervisor.nextBeat, followed.nextExpansion,
        ]
        guard let next = times.compactMap({ $0 }).min() else { return nil }
        let left = max(0, next - Clock.monotonic)
        return Int32(clamping: left / 1_000_000 + 1)
    }

    private func take(_ signal: Signals.Signal) {
        switch signal {
        case .reload:
            journal.write(.info, "SIGHUP: there is no configuration to be read again")
        case .stop:
            end = .stopped
            // A second signal ends the process at once.
            signals.release()
        }
    }

    private var isFinished: Bool {
        pending.isEmpty && !upkeep.isPending
            && followed.order.allSatisfy { followed.tails[$0]?.isAtEnd ?? true }
    }

    /// Closes what is open of every path that was read to its end.
    private func finish() {
        end = .finished
        for id in followed.order {
            guard let tail = followed.tails[id] else { continue }
            if let problem = tail.problem {
                end = .incomplete(path: tail.path, reason: problem.description)
            } else {
                tail.finish()
            }
            touch(id)
        }
    }

    // MARK: Telling

    private var status: String {
        let count = followed.order.count
        let behind = pending.reduce(0) { $0 + (followed.tails[$1]?.unreadBytes ?? 0) }
        return "following \(count) \(count == 1 ? "file" : "files"), "
            + (behind == 0 ? "up to date" : "\(behind) bytes behind")
    }

    private func reportWatchFailure() {
        guard let failure = watches.failure else { return }
        watches.failure = nil
        // Each look would meet the same limit again.
        if toldWatchFailures.insert(failure.errorNumber).inserted {
            let object = failure.object.isEmpty ? "any file" : failure.object
            journal.write(
                .warning,
                "unable to watch \(object): \(failure.inotifyReason); looking for changes every "
                    + "second instead")
        }
        for id in followed.order { touch(id) }
    }
}
