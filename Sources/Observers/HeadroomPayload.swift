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
        guard end > idPrefix.count, id.hasByte(UInt8(ascii: "_"), at: end), end + 1 < id.count,
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
            var key: Key?
            if json.passes(keys, expected, in: line) {
                key = Key(rawValue: expected)
            } else if let name = try json.nextMember(in: line) {
                key = keys.index(of: name, in: line).flatMap(Key.init)
            } else {
                return
            }
            if let found = key {
                expected = found.rawValue + 1
                if met & 1 << found.rawValue != 0 { key = nil }
                met |= 1 << found.rawValue
            }
            if let text = json.nextPlainString(in: line) {
                take(text, of: key, line, into: &observation)
                continue
            }
            let value = try json.nextValue(in: line)
            switch (key, value) {
            case (.stages, .object):
                hasStages = true
                try stages.read(&json, line, names: &names, into: &observation.stages)
            case (_, .string(let text)):
                take(text, of: key, line, into: &observation)
            default:
                try json.skip(value, in: line)
            }
        }
    }

    /// Takes the text of the first member with a key.
    @inline(__always)
    private mutating func take(
        _ text: LineText, of key: Key?, _ line: Span<UInt8>, into observation: inout Observation
    ) {
        switch key {
        case .path: isWebsocket = text.holds(Self.websocketPath, in: line)
        case .requestID: observation.requestID = text
        default: break
        }
    }
}
