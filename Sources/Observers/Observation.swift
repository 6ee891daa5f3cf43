/// What one line said about one request.
public struct Observation: Sendable {
    /// The observed latency in milliseconds, finite, exactly as the upstream wrote it.
    public var latencyMilliseconds: Double

    /// When the observed phase ended; nil means the time of reading.
    public var eventTime: Timestamp?

    /// The part of the latency spent waiting for a turn, in milliseconds.
    public var queuedMilliseconds: Double

    /// The largest of the stages that make up the latency, where the upstream tells them.
    public var dominantStage: StageID?

    /// Where the line holds the request's id.
    public var requestID: LineText?

    /// Every numeric stage of the line, in its order.
    public var stages: StageSamples

    /// An observation of a latency without stages.
    public init(latencyMilliseconds: Double, eventTime: Timestamp?) {
        self.latencyMilliseconds = latencyMilliseconds
        self.eventTime = eventTime
        queuedMilliseconds = 0
        stages = StageSamples()
    }

    /// An observation to be filled by an observer.
    public init() {
        self.init(latencyMilliseconds: 0, eventTime: nil)
    }

    /// Makes this an observation that nothing was put into.
    public mutating func clear() {
        latencyMilliseconds = 0
        eventTime = nil
        queuedMilliseconds = 0
        dominantStage = nil
        requestID = nil
        stages.removeAll()
    }
}

/// One stage and how long it took.
public struct StageSample: Sendable {
    /// Which stage.
    public var stage: StageID
    /// Milliseconds, finite.
    public var milliseconds: Double

    /// A sample of `stage`.
    public init(stage: StageID, milliseconds: Double) {
        self.stage = stage
        self.milliseconds = milliseconds
    }
}

/// Up to ``capacity`` stage samples held in place, so that a line costs no allocation.
public struct StageSamples: Sendable {
    /// Three times what any known upstream writes in a line; a line with more does not parse.
    public static let capacity = 24

    // Two arrays take little more than half of what one of samples does.
    @usableFromInline
    var stages = InlineArray<24, UInt8>(repeating: 0)
    @usableFromInline
    var milliseconds = InlineArray<24, Double>(repeating: 0)

    /// How many samples there are.
    public private(set) var count = 0

    /// No samples.
    public init() {}

    /// The sample at `index`, counted from 0.
    @inlinable
    public subscript(index: Int) -> StageSample {
        precondition(index < count, "stage sample out of range")
        // By their spans: a subscript of the arrays would copy the whole of them.
        return StageSample(
            stage: StageID(index: Int(stages.span[index])), milliseconds: milliseconds.span[index])
    }

    /// Removes all samples; what they held is not overwritten, but nobody can see it.
    mutating func removeAll() {
        count = 0
    }

    /// Adds a sample; false where ``capacity`` is reached.
    public mutating func append(_ sample: StageSample) -> Bool {
        guard count < Self.capacity else { return false }
        stages[count] = UInt8(sample.stage.index)
        milliseconds[count] = sample.milliseconds
        count += 1
        return true
    }
}
