internal import Synchronization
internal import Syscalls
internal import Telemetry

/// What a sink's thread is given to do.
struct SinkWork: Sendable {
    let plan: SinkPlan
    let positions: any SinkPositions
    let startingAt: Int64
    let publication: Publication
    let openLog: SinkRunner.LogOpener
    let report: @Sendable (SinkReport) -> Void
}

/// The body of a sink's thread: sleeps until something is ready, gives the sink a turn, saves its
/// position. It has no timer but those that something waits for.
final class SinkLoop {
    /// A position is written at most this often, since each time costs a transaction.
    private static let saveInterval = Duration.seconds(1)
    /// One that another program kept from being written is written this much later.
    private static let saveRetry = Duration.milliseconds(100)
    private static let firstRetry = Duration.milliseconds(100)
    private static let longestRetry = Duration.seconds(5)

    private let work: SinkWork
    private let thread: SinkThread
    private let poller: Poller
    private let log: any EventLog
    private let sink: any Sink
    private var savedPosition: Int64
    private var nextSave = ContinuousClock.now
    private var trouble: BusError?
    private var retryDelay = SinkLoop.firstRetry
    private var nextRetry: ContinuousClock.Instant?
    private var drainTarget: Int64?

    private init(_ work: SinkWork, _ thread: SinkThread) throws(BusError) {
        self.work = work
        self.thread = thread
        let name = work.plan.name
        do {
            poller = try Poller(capacity: 256)
            try poller.add(thread.woken.number, .read)
        } catch {
            throw .unable(to: "open", name, error)
        }
        do {
            log = try work.openLog()
            let known = try work.positions.position(of: name)
            savedPosition = known ?? work.startingAt
            // Saved at once: a crash before the first delivery must not move the start.
            if known == nil { try work.positions.move(name, to: savedPosition) }
        } catch {
            throw .database(error)
        }
        sink = try work.plan.open(
            SinkOpening(
                log: log, poller: poller, position: savedPosition,
                publication: work.publication))
    }

    /// Opens the sink and runs it until it is told to stop; returns why it could not be opened.
    static func run(_ work: SinkWork, _ thread: SinkThread) -> BusError? {
        TimeSlice.shorten()
        let loop: SinkLoop
        do {
            loop = try SinkLoop(work, thread)
        } catch {
            return error
        }
        thread.announce { state in state.isOpen = true }
        loop.run()
        return nil
    }

    private func run() {
        // The first turn delivers what was committed before the thread began.
        var isDue = attempt([], hasNews: true)
        while isDue {
            var ready: [ReadyDescriptor] = []
            do {
                try poller.wait(milliseconds: wakeUp?.millisecondsFromNow) { number, readiness in
                    ready.append(ReadyDescriptor(number: number, readiness: readiness))
                }
            } catch {
                preconditionFailure("a poller that exists can be waited for: \(error)")
            }
            let own = ready.filter { $0.number != thread.woken.number }
            let isWoken = own.count < ready.count
            if isWoken { thread.woken.lower() }
            if thread.state.withLock({ $0.isStopRequested }) { break }
            isDue = attempt(own, hasNews: isWoken)
        }
        sink.close()
        // Where it fails, rows since the last save are delivered again: at least once.
        if sink.position != savedPosition {
            try? work.positions.move(work.plan.name, to: sink.position)
        }
    }

    /// The next moment that something waits for.
    private var wakeUp: ContinuousClock.Instant? {
        let isUnsaved = sink.position != savedPosition && nextRetry == nil
        return [sink.nextTurn, nextRetry, isUnsaved ? nextSave : nil].compactMap(\.self).min()
    }

    /// One turn of the sink and what follows from it; false where the sink is over.
    private func attempt(_ ready: [ReadyDescriptor], hasNews: Bool) -> Bool {
        defer { tellRemoved() }
        let isRetry = nextRetry != nil
        do throws(BusError) {
            try sink.turn(ready, hasNews: hasNews || isRetry)
            try savePosition()
            try answerDrain()
        } catch {
            if error.isFinal {
                work.report(.ended(sink: work.plan.name, error))
                return false
            }
            fail(error)
            return true
        }
        note(sink.complaint)
        nextRetry = nil
        retryDelay = Self.firstRetry
        return true
    }

    /// Reports a change of what goes wrong.
    private func note(_ error: BusError?) {
        guard error != trouble else { return }
        trouble = error
        let name = work.plan.name
        work.report(error.map { .failing(sink: name, $0) } ?? .recovered(sink: name))
    }

    private func tellRemoved() {
        let archives = sink.takeRemoved()
        if !archives.isEmpty { work.report(.removed(sink: work.plan.name, archives: archives)) }
    }

    private func fail(_ error: BusError) {
        note(error)
        nextRetry = .now + retryDelay
        retryDelay = min(retryDelay * 2, Self.longestRetry)
    }

    /// Saves the position where that is due; delivery does not wait for it.
    private func savePosition(now: Bool = false) throws(BusError) {
        let position = sink.position
        guard position != savedPosition, now || ContinuousClock.now >= nextSave else { return }
        guard try BusError.reporting(work.positions.tryMove(work.plan.name, to: position)) else {
            nextSave = .now + Self.saveRetry
            return
        }
        savedPosition = position
        nextSave = .now + Self.saveInterval
    }

    /// Says so once everything committed before the question has left the sink.
    private func answerDrain() throws(BusError) {
        let isRequested = thread.state.withLock { state in
            defer { state.isDrainRequested = false }
            return state.isDrainRequested
        }
        if isRequested {
            do {
                drainTarget = try log.latest()
            } catch {
                thread.state.withLock { $0.isDrainRequested = true }
                throw .database(error)
            }
        }
        guard let target = drainTarget, sink.drainedPosition >= target else { return }
        try savePosition(now: true)
        guard sink.position == savedPosition else { return }
        drainTarget = nil
        thread.announce { state in state.isDrained = true }
    }
}
