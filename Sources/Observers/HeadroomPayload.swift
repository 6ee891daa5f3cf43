/// What the JSON object of a headroom line says, read in one pass.
///
/// Written by headroom's `emit_stage_timings_log`:
/// `{"event","path","request_id","session_id","stages":{name: milliseconds or null}}`.
/// Of a key that comes twice the first counts.
struct HeadroomPayload {
    /// True where the payload is one JSON object and nothing but white space after it.
    private(set) var isComplete = false
    /// True for the line of a websocket session, which has no total.
    private(set) var isWebsocket = false
    /// True where `stages` is an object.
    private(set) var hasStages = false
    /// What `stages` holds.
    private(set) var stages = HeadroomStages()

    /// Reads the payload that begins at `start`. Stage names not met before are added to `names`;
    /// the request's id and the samples of stages go straight into `observation`, which is large.
    init(
        _ line: Span<UInt8>, at start: Int, names: inout StageNames,
        into observation: inout Observation
    ) {
        var json = JSONScanner(position: start)
        do throws(JSONError) {
            guard case .object = try json.nextValue(in: line) else { return }
            try read(&json, line, names: &names, into: &observation)
            try json.finish(in: line)
            isComplete = true
        } catch {}
    }

    /// Milliseconds from the request's start until its line is written, as far as the line tells:
    /// what it leaves out counts as nothing.
    var elapsedMilliseconds: Double {
        if isWebsocket { return stages.sessionMilliseconds }
        guard case .milliseconds(let total) = stages.total else {
            return stages.connectMilliseconds
        }
        return total + stages.connectMilliseconds
    }

    /// The second of the request's start, since the epoch, which its id `hr_<second>_<number>`
    /// holds; nil where the payload is not complete or the id is another.
    func requestSecond(_ requestID: LineText?, in line: Span<UInt8>) -> Int64? {
        guard isComplete, let requestID else { return nil }
        guard !requestID.isEscaped else {
            return Self.second(ofRequest: requestID.bytes(in: line).span)
        }
        return Self.second(ofRequest: line.extracting(requestID.range))
    }

    private static func second(ofRequest id: Span<UInt8>) -> Int64? {
        guard id.hasBytes(idPrefix, at: 0) else { return nil }
        let end = id.endOfDigits(from: idPrefix.count)
        guard id.hasByte(UInt8(ascii: "_"), at: end), end + 1 < id.count,
            id.endOfDigits(from: end + 1) == id.count,
            // Any second of a calendar year has at most 12 digits.
            end - idPrefix.count <= 12
        else { return nil }
        return id.number(at: idPrefix.count, width: end - idPrefix.count).map(Int64.init)
    }

    private static let idPrefix = Array("hr_".utf8)
    private static let keys = JSONKeys(["event", "path", "request_id", "session_id", "stages"])
    private enum Key: Int {
        case event, path, requestID, sessionID, stages
    }
    private static let websocketPath = Array("openai_responses_ws".utf8)

    private mutating func read(
        _ json: inout JSONScanner, _ line: Span<UInt8>, names: inout StageNames,
        into observation: inout Observation
    ) throws(JSONError) {
        // A bit for each key met.
        var met = 0
        var expected = 0
        // Once for the line: each access asks whether they were made already.
        let keys = Self.keys
        while true {
            var index: Int?
            if json.passes(keys, expected, in: line) {
                index = expected
            } else if let key = try json.nextMember(in: line) {
                index = keys.index(of: key, in: line)
            } else {
                return
            }
            let value = try json.nextValue(in: line)
            if let index {
                expected = index + 1
                let isNew = met & 1 << index == 0
                met |= 1 << index
                if isNew, let key = Key(rawValue: index),
                    try take(value, of: key, &json, line, names: &names, into: &observation)
                {
                    continue
                }
            }
            try json.skip(value, in: line)
        }
    }

    /// Takes what the first member with a key holds; true where the value was read to its end.
    private mutating func take(
        _ value: JSONValue, of key: Key, _ json: inout JSONScanner, _ line: Span<UInt8>,
        names: inout StageNames, into observation: inout Observation
    ) throws(JSONError) -> Bool {
        switch (key, value) {
        case (.path, .string(let path)):
            isWebsocket = path.holds(Self.websocketPath, in: line)
        case (.requestID, .string(let text)):
            observation.requestID = text
        case (.stages, .object):
            hasStages = true
            try stages.read(&json, line, names: &names, into: &observation.stages)
            return true
        default:
            break
        }
        return false
    }
}
