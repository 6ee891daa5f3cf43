internal import Bus
internal import Logging
internal import Synchronization
internal import Telemetry

/// The sinks of a running daemon, each on a thread of its own.
struct Sinks {
    private let runners: [SinkRunner]
    private let readers = KeptReaders()
    private let fresh: FreshRows

    /// Starts a sink for each plan.
    init(
        _ plans: [SinkPlan], _ store: TelemetryStore, _ publication: Publication, _ logger: Logger
    ) throws {
        let path = store.path
        let (readers, fresh) = (readers, store.fresh)
        // Asked of the store, which needs no reader.
        let latest = try store.bounds().latest
        let runners = try plans.map { plan in
            try SinkRunner(
                plan, positions: store.positions, startingAt: latest, publication: publication,
                openLog: { () throws(TelemetryError) in
                    LiveLog(fresh, try readers.keep(TelemetryReader(path: path)))
                },
                report: { report in
                    switch report {
                    case .failing, .removed: logger.warning("\(report)")
                    case .recovered: logger.info("\(report)")
                    case .ended: logger.error("\(report)")
                    }
                })
        }
        for runner in runners { try runner.start() }
        self.runners = runners
        self.fresh = fresh
        fresh.onCommit { for runner in runners { runner.wake() } }
    }

    /// Lets the sinks deliver what is committed for at most `grace`, then ends them.
    func stop(after grace: Duration) {
        let deadline = ContinuousClock.now + grace
        for runner in runners { _ = runner.drain(until: deadline) }
        // Ending a sink takes no longer than one turn of it; one that is stuck in a system call
        // ends with the process.
        let end = max(deadline, .now) + .milliseconds(500)
        for runner in runners { _ = runner.stop(until: min(end, .now + .milliseconds(500))) }
        fresh.onCommit {}
        // Nothing idles any more, and who closes the database last removes its log.
        readers.release()
    }
}

/// The sinks' readers, kept for as long as there are sinks: one that goes away, as that of a
/// sink that has ended would, leaves the dispatch library with a thread that wakes every second.
private final class KeptReaders: Sendable {
    private let readers = Mutex<[TelemetryReader]>([])

    /// Keeps a reader, and returns it.
    func keep(_ reader: TelemetryReader) -> TelemetryReader {
        readers.withLock { $0.append(reader) }
        return reader
    }

    /// Lets go of all of them.
    func release() {
        readers.withLock { $0.removeAll() }
    }
}
