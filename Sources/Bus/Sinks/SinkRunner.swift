internal import Synchronization
internal import Syscalls
public import Telemetry

/// Runs one sink on a thread of its own: opens it, wakes it, keeps its durable position, reports
/// what goes wrong and tries again.
///
/// ``wake()`` may be called from any thread; everything else from the one that made the runner.
///
/// ```swift
/// let runner = try SinkRunner(
///     plan, positions: store.positions, startingAt: latest, publication: .episodes,
///     openLog: { () throws(TelemetryError) in try TelemetryReader(path: store.path) },
///     report: { print($0) })
/// try runner.start()
/// runner.wake()                                        // after each commit
/// _ = runner.drain(until: .now + .seconds(2))
/// _ = runner.stop(until: .now + .seconds(1))
/// ```
public final class SinkRunner: Sendable {
    /// Opens the sink's own reader of the log, on the sink's thread.
    public typealias LogOpener = @Sendable () throws(TelemetryError) -> any EventLog

    /// Address space for the thread's stack, of which only what is used costs memory. Half of it
    /// is for SQLite and for the deepest request that a JSON decoder takes.
    private static let stackBytes = 512 * 1_024

    /// The sink's URL in full, under which its position is kept.
    public let name: String
    private let work: SinkWork
    private let thread: SinkThread

    /// A runner for the sink of a plan.
    ///
    /// - Parameters:
    ///   - positions: where the sink's durable position is kept.
    ///   - startingAt: the position of a sink that has none yet: the newest `seq` when the daemon
    ///     starts, or 0 for everything there is.
    ///   - publication: which rows go out.
    ///   - openLog: opens the sink's own reader, on the sink's thread.
    ///   - report: told of each change between working and failing, on the sink's thread.
    public init(
        _ plan: SinkPlan, positions: any SinkPositions, startingAt: Int64,
        publication: Publication, openLog: @escaping LogOpener,
        report: @escaping @Sendable (SinkReport) -> Void
    ) throws(BusError) {
        name = plan.name
        work = SinkWork(
            plan: plan, positions: positions, startingAt: startingAt, publication: publication,
            openLog: openLog, report: report)
        do {
            thread = try SinkThread()
        } catch {
            throw .unable(to: "start", plan.name, error)
        }
    }

    deinit {
        thread.request { state in state.isStopRequested = true }
    }

    /// Opens the sink and starts delivering; throws where it cannot be opened.
    public func start() throws(BusError) {
        let (work, thread) = (work, thread)
        do {
            try BackgroundThread.start("sink \(name)", stackBytes: Self.stackBytes) {
                let error = SinkLoop.run(work, thread)
                thread.announce { state in
                    state.hasEnded = true
                    state.openingError = error
                }
            }
        } catch {
            throw .unable(to: "start", name, error)
        }
        _ = thread.wait(until: nil) { state in state.isOpen || state.hasEnded }
        if let error = thread.state.withLock({ $0.openingError }) { throw error }
    }

    /// Tells the sink that rows were committed.
    public func wake() {
        thread.woken.raise()
    }

    /// Waits until everything committed so far is delivered to whoever reads, or the deadline has
    /// passed, or the descriptor `other` can be read, or the sink has ended; true in the first
    /// case.
    public func drain(until deadline: ContinuousClock.Instant, or other: Int32? = nil) -> Bool {
        thread.request { state in
            state.isDrainRequested = true
            state.isDrained = false
        }
        _ = thread.wait(until: deadline, or: other) { state in
            state.isDrained || state.hasEnded
        }
        return thread.state.withLock { $0.isDrained }
    }

    /// Ends the sink, its position saved; true where its thread has ended before the deadline.
    public func stop(until deadline: ContinuousClock.Instant) -> Bool {
        thread.request { state in state.isStopRequested = true }
        return thread.wait(until: deadline) { state in state.hasEnded }
    }
}

/// A change in how a sink fares.
public enum SinkReport: Equatable, Sendable, CustomStringConvertible {
    /// Delivery fails, or fails in another way than before, and is tried again.
    case failing(sink: String, BusError)
    /// Delivery goes on after it failed.
    case recovered(sink: String)
    /// Archives, at least one, were removed before they were shipped.
    case removed(sink: String, archives: [String])
    /// Delivery has ended for good.
    case ended(sink: String, BusError)

    /// One line for a person.
    public var description: String {
        switch self {
        case .failing(_, let error): "\(error); it is tried again"
        case .recovered(let sink): "delivering to \(sink) again"
        case .removed(_, let archives): Self.text(removed: archives)
        case .ended(_, let error): "\(error)"
        }
    }

    private static func text(removed archives: [String]) -> String {
        let others = archives.count > 1 ? ", with \(archives.count - 1) more" : ""
        return "removed \(archives[0])\(others), before it was shipped, to keep the limits of "
            + "max-files and max-total; raise them, or see why ship fails"
    }
}
