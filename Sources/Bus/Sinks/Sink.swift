public import Syscalls
public import Telemetry

/// Where committed rows are delivered. It lives on the thread of its ``SinkRunner``, so it may be
/// as slow as it likes without holding up anything but itself.
///
/// The database is the queue: a sink reads rows after its own position and keeps none of them.
public protocol Sink: AnyObject {
    /// Every row up to here was delivered; what the durable position may move to.
    var position: Int64 { get }

    /// Every row up to here has left the sink for every reader that it still serves.
    var drainedPosition: Int64 { get }

    /// When the sink wants its next turn though nothing woke it; nil: not before something does.
    var nextTurn: ContinuousClock.Instant? { get }

    /// What goes wrong that keeps no row from being delivered; reported when it changes.
    var complaint: BusError? { get }

    /// The archives that were removed before they were shipped, the first time it is asked.
    func takeRemoved() -> [String]

    /// Delivers what can be delivered now. An error is reported and the turn tried again after a
    /// while, except where it is final (``BusError/isFinal``).
    ///
    /// - Parameters:
    ///   - ready: what the sink put into the poller and what is ready now.
    ///   - hasNews: true where rows may have been committed since the last turn.
    func turn(_ ready: [ReadyDescriptor], hasNews: Bool) throws(BusError)

    /// Ends delivery; nothing is called after it.
    func close()
}

extension Sink {
    /// Nothing, for a sink that either delivers or fails.
    public var complaint: BusError? { nil }

    /// None, for a sink that makes no archives.
    public func takeRemoved() -> [String] { [] }
}

/// A descriptor of a sink, and what it is ready for.
public struct ReadyDescriptor: Sendable {
    /// The descriptor's number.
    public let number: Int32
    /// What it is ready for.
    public let readiness: Poller.Readiness
}

/// What a sink is opened with.
public struct SinkOpening {
    /// The rows, for this sink's thread alone.
    public let log: any EventLog
    /// Waits for the sink's descriptors.
    public let poller: Poller
    /// The last row that the sink has delivered.
    public let position: Int64
    /// Which rows go out.
    public let publication: Publication
}
