/// The stages of a headroom line, in milliseconds.
///
/// Of a stage that comes twice the first counts, except among those that share
/// ``StageID/other``, which are not told apart.
struct HeadroomStages {
    /// What headroom writes for a request to the messages API, in its order, then what only a
    /// websocket session has. The observer knows them from the start, so that each has a number
    /// of its own and is found where it is expected.
    static let usual = [
        "pre_upstream_wait", "read_request_json", "deep_copy", "compression_first_stage",
        "memory_context", "upstream_connect", "upstream_first_byte", "total_session", "accept",
        "first_client_frame", "upstream_first_event", "compression",
    ]

    /// Waiting for a turn at the semaphore that is held until the model answers.
    static let wait = StageNames.firstKnown
    /// From the request's going upstream to the answer's beginning.
    static let connect = StageID(index: wait.index + 5)
    /// From the start of a websocket session to its end.
    static let session = StageID(index: wait.index + 7)
    /// The stages that make up the total, by index: the first five of `usual`.
    private static let parts = wait.index..<connect.index

    /// What a stage that the observer looks for by itself holds.
    enum Value: Equatable {
        case absent
        case null
        case milliseconds(Double)
        /// Text, a truth value, an array or an object.
        case other
    }

    /// `total_pre_upstream`, the observed latency.
    private(set) var total = Value.absent
    /// True where more of the others are numbers than an observation holds.
    private(set) var isOverfull = false
    /// What ``wait`` holds, where it is a number.
    private(set) var queuedMilliseconds = 0.0
    /// What ``connect`` holds, where it is a number; nothing ends after it was written down.
    private(set) var connectMilliseconds = 0.0
    /// What ``session`` holds, where it is a number.
    private(set) var sessionMilliseconds = 0.0
    /// The largest of the stages that make up the total; of equal ones the later in its order.
    private var largest: StageSample?

    /// The stage that took most of the total.
    var dominant: StageID? { largest?.stage }

    /// The keys of the stages in ``usual``, and at ``totalKey`` that of the total.
    private static let keys = JSONKeys(usual + ["total_pre_upstream"])
    private static let totalKey = usual.count

    /// Reads the object that `json` has just opened, and puts every stage that is a number, but
    /// for the total, into `samples`. Names not met before are added to `names`.
    mutating func read(
        _ json: inout JSONScanner, _ line: Span<UInt8>, names: inout StageNames,
        into samples: inout StageSamples
    ) throws(JSONError) {
        // A bit for each stage met: there are at most StageNames.limit, 64.
        var met: UInt64 = 0
        var expected = Self.wait
        // Once for the line: each access asks whether they were made already.
        let keys = Self.keys
        while let stage = try Self.next(&json, line, keys, expected, names: &names) {
            if stage != .total { expected = StageID(index: stage.index + 1) }
            if let milliseconds = json.nextFraction(in: line) {
                take(.milliseconds(milliseconds), of: stage, &met, into: &samples)
            } else {
                let value = try json.nextValue(in: line)
                take(Value(value, in: line), of: stage, &met, into: &samples)
                try json.skip(value, in: line)
            }
        }
    }

    /// The stage of the next member, ``StageID/total`` for the total; nil past the end.
    @inline(__always)
    private static func next(
        _ json: inout JSONScanner, _ line: Span<UInt8>, _ keys: JSONKeys, _ expected: StageID,
        names: inout StageNames
    ) throws(JSONError) -> StageID? {
        let usual = expected.index - wait.index
        if usual < totalKey, json.passes(keys, usual, in: line) { return expected }
        if json.passes(keys, totalKey, in: line) { return .total }
        guard let key = try json.nextMember(in: line) else { return nil }
        if keys.index(of: key, in: line) == totalKey { return .total }
        return names.identify(key, in: line, hint: expected.index)
    }

    /// Takes what a member holds; `met` has a bit for each stage that was there before.
    @inline(__always)
    private mutating func take(
        _ value: Value, of stage: StageID, _ met: inout UInt64, into samples: inout StageSamples
    ) {
        guard stage != .total else {
            if total == .absent { total = value }
            return
        }
        let bit: UInt64 = stage == .other ? 0 : 1 &<< UInt64(stage.index)
        if met & bit == 0, case .milliseconds(let milliseconds) = value {
            record(StageSample(stage: stage, milliseconds: milliseconds), into: &samples)
        }
        met |= bit
    }

    @inline(__always)
    private mutating func record(_ sample: StageSample, into samples: inout StageSamples) {
        if !samples.append(sample) { isOverfull = true }
        switch sample.stage {
        case Self.wait: queuedMilliseconds = sample.milliseconds
        case Self.connect: connectMilliseconds = max(0, sample.milliseconds)
        case Self.session: sessionMilliseconds = sample.milliseconds
        default: break
        }
        guard Self.parts.contains(sample.stage.index) else { return }
        if let largest, largest.isAbove(sample) { return }
        largest = sample
    }
}

extension StageSample {
    /// By time; of equal ones the later in the upstream's order is above.
    fileprivate func isAbove(_ other: StageSample) -> Bool {
        (milliseconds, stage.index) > (other.milliseconds, other.stage.index)
    }
}

extension HeadroomStages.Value {
    fileprivate init(_ value: JSONValue, in line: Span<UInt8>) {
        switch value {
        case .null: self = .null
        case .number(let number): self = .milliseconds(number.double(in: line))
        case .bool, .string, .object, .array: self = .other
        }
    }
}
