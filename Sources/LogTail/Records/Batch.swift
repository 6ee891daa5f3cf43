public import Checkpoint

/// Everything one database transaction carries: what lines did, and the positions just past them.
public struct Batch: Sendable {
    /// New rows, in the order they become `seq`.
    public var events: [Event] = []
    /// The cells of the latency table that changed, each with its whole contents.
    public var latency: [LatencyCell] = []
    /// The checkpoint of every file that was read.
    public var checkpoints: [CheckpointRecord] = []

    /// An empty batch.
    public init() {}

    /// True where a commit would change nothing.
    public var isEmpty: Bool { events.isEmpty && latency.isEmpty && checkpoints.isEmpty }
}

/// A row of the checkpoints table.
public struct CheckpointRecord: Sendable {
    /// The telemetry source.
    public var source: String
    /// The path followed.
    public var path: String
    /// The generation being read, and how far.
    public var position: Position
    /// The tail's state at that position, JSON: open episodes, line clock, drift.
    public var state: String?
    /// Bytes of complete lines read so far, in all generations.
    public var bytesRead: Int64
    /// Lines that were observations.
    public var linesMatched: Int64
    /// Lines with the marker that did not parse.
    public var linesUnparsed: Int64

    /// A record from its columns.
    public init(
        source: String, path: String, position: Position, state: String?, bytesRead: Int64,
        linesMatched: Int64, linesUnparsed: Int64
    ) {
        self.source = source
        self.path = path
        self.position = position
        self.state = state
        self.bytesRead = bytesRead
        self.linesMatched = linesMatched
        self.linesUnparsed = linesUnparsed
    }
}

/// Where the engine records what it read; the database in production, memory in tests.
///
/// All calls come from the engine's thread.
public protocol Recorder: AnyObject {
    /// Makes a batch durable as a whole or not at all. A batch with events is on the disk when
    /// this returns; one without may be lost with the power, which costs nothing but reading the
    /// same lines again.
    func commit(_ batch: Batch) throws(RecorderError)

    /// The checkpoint of a path, if there is one.
    func checkpoint(source: String, path: String) throws(RecorderError) -> CheckpointRecord?

    /// Calls `body` with each checkpoint of a source, one after the other: there may be thousands.
    func forEachCheckpoint(
        source: String, _ body: (CheckpointRecord) -> Void
    ) throws(RecorderError)

    /// A cell of the latency table, if there is one.
    func latencyCell(
        source: String, stage: String, minute: Int64
    ) throws(RecorderError) -> LatencyCell?

    /// The latest minute of which a stage has a cell, if there is one.
    func latestMinute(source: String, stage: String) throws(RecorderError) -> Int64?

    /// The stages that a source already has.
    func stageNames(source: String) throws(RecorderError) -> [String]

    /// The file that is recorded into; nil where it is none.
    var file: String? { get }

    /// False where ``file`` is another one by now, or none: nobody finds what is recorded.
    var isInPlace: Bool { get }
}

extension Recorder {
    /// None.
    public var file: String? { nil }

    /// Always.
    public var isInPlace: Bool { true }
}

/// Why the recorder could not do its work now. While the daemon runs, trying again later is always
/// right: nothing of a failed commit remains.
public struct RecorderError: Error, Sendable, CustomStringConvertible {
    /// What was attempted, on what, and the cause, for a person.
    public var description: String
    /// True where what was recorded earlier cannot be understood: a start would fail again.
    public var isDamage: Bool

    /// An error with its message.
    public init(_ description: String, isDamage: Bool = false) {
        self.description = description
        self.isDamage = isDamage
    }
}
