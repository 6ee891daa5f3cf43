internal import Bus
internal import Logging
internal import Synchronization
internal import Syscalls
internal import Telemetry

/// The sinks of a running daemon, each on a thread of its own.
struct Sinks {
    /// How long the sinks have for what is committed once a signal asks to stop.
    static let stopGrace = Duration.seconds(2)

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

    /// Lets the sinks deliver what is committed for at most `grace`, then ends them. A signal that
    /// asks to stop meanwhile leaves them `stopGrace`, the next one ends the process.
    func stop(after grace: Duration, _ signals: Signals) {
        var deadline = ContinuousClock.now + grace
        for runner in runners {
            while !runner.drain(until: deadline, or: signals.number),
                let signal = try? signals.next()
            {
                guard signal == .stop else { continue }
                signals.release()
                deadline = min(deadline, .now + Self.stopGrace)
            }
        }
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
