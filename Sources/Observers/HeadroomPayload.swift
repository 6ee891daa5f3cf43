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
    /// Where the line holds the request's id.
    private(set) var requestID: LineText?
    /// True where `stages` is an object.
    private(set) var hasStages = false
    /// What `stages` holds.
    private(set) var stages = HeadroomStages()

    /// Reads the payload that begins at `start`. Stage names not met before are added to `names`.
    init(_ line: Span<UInt8>, at start: Int, names: inout StageNames) {
        var json = JSONScanner(position: start)
        do throws(JSONError) {
            guard case .object = try json.nextValue(in: line) else { return }
            try read(&json, line, names: &names)
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
    func requestSecond(in line: Span<UInt8>) -> Int64? {
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
    private static let pathKey = Array("path".utf8)
    private static let requestIDKey = Array("request_id".utf8)
    private static let stagesKey = Array("stages".utf8)
    private static let websocketPath = Array("openai_responses_ws".utf8)

    private mutating func read(
        _ json: inout JSONScanner, _ line: Span<UInt8>, names: inout StageNames
    ) throws(JSONError) {
        var (metPath, metRequestID, metStages) = (false, false, false)
        while let key = try json.nextMember(in: line) {
            let value = try json.nextValue(in: line)
            if !metPath, key.holds(Self.pathKey, in: line) {
                metPath = true
                if case .string(let path) = value {
                    isWebsocket = path.holds(Self.websocketPath, in: line)
                }
            } else if !metRequestID, key.holds(Self.requestIDKey, in: line) {
                metRequestID = true
                if case .string(let text) = value { requestID = text }
            } else if !metStages, key.holds(Self.stagesKey, in: line) {
                metStages = true
                if case .object = value {
                    hasStages = true
                    try stages.read(&json, line, names: &names)
                    continue
                }
            }
            try json.skip(value, in: line)
        }
    }
}
