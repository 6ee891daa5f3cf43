internal import Checkpoint
internal import Observers

/// What a checkpoint keeps of a coalescer, so that a restart between any two lines changes
/// nothing: times are integers, and a double is written so that it reads back the same.
///
/// ```json
/// {"v":1,"clock":1795226331949000000,"open":[{"count":2,…}]}
/// ```
public struct EpisodeState: Decodable, Sendable {
    /// The version this build writes, and the only one it reads.
    static let version = 1

    let clock: Int64?
    let behind: EpisodeCoalescer.Behind?
    let open: [Episode]

    fileprivate enum Key: String, CodingKey {
        case version = "v"
        case clock
        case linesBehind = "lines_behind"
        case latestBehind = "latest_behind"
        case open
    }

    /// Reads what ``EpisodeCoalescer/writeState(to:)`` wrote.
    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: Key.self)
        try fields.requireVersion(Self.version, forKey: .version, of: "episode")
        clock = try fields.decodeIfPresent(Int64.self, forKey: .clock)
        let count = try fields.decodeIfPresent(Int.self, forKey: .linesBehind)
        let latest = try fields.decodeIfPresent(Int64.self, forKey: .latestBehind)
        if let count, let latest {
            behind = EpisodeCoalescer.Behind(count: count, latest: Timestamp(nanoseconds: latest))
        } else {
            behind = nil
        }
        open = try fields.decode([StoredEpisode].self, forKey: .open).map(\.episode)
            .sorted { $0.first < $1.first }
    }
}

extension EpisodeCoalescer {
    /// A coalescer that goes on where a checkpoint left off.
    public init(rules: EpisodeRules, state: EpisodeState) {
        self.init(rules: rules)
        clock = state.clock.map { Timestamp(nanoseconds: $0) }
        behind = state.behind
        open = state.open
    }

    /// Writes the state as one JSON object, which ``EpisodeState`` reads.
    public func writeState(to json: inout JSONWriter) {
        func field(_ key: EpisodeState.Key) -> String { key.rawValue }
        json.object { json in
            json.field(field(.version), EpisodeState.version)
            json.field(field(.clock), clock?.nanoseconds)
            if let behind {
                json.field(field(.linesBehind), behind.count)
                json.field(field(.latestBehind), behind.latest.nanoseconds)
            }
            json.field(field(.open)) { json in
                json.array { json in
                    for episode in open { StoredEpisode.write(episode, to: &json) }
                }
            }
        }
    }
}

/// An open episode as a checkpoint keeps it; times are nanoseconds since the epoch.
private struct StoredEpisode: Decodable {
    let episode: Episode

    private enum Key: String, CodingKey {
        case count, severity, stage, sum, started, ended, offset, line, continued, late
        case latestBeginning = "latest_beginning"
        case first
        case peak = "peak_ms"
        case peakTime = "peak_at"
        case peakOffset = "peak_offset"
    }

    static func write(_ episode: Episode, to json: inout JSONWriter) {
        func field(_ key: Key) -> String { key.rawValue }
        json.object { json in
            json.field(field(.count), episode.count)
            json.field(field(.severity), episode.severity.rawValue)
            json.field(field(.stage), episode.dominantStage)
            json.field(field(.started), episode.started.nanoseconds)
            json.field(field(.latestBeginning), episode.latestBeginning.nanoseconds)
            json.field(field(.first), episode.first.eventTime.nanoseconds)
            json.field(field(.ended), episode.ended.nanoseconds)
            json.field(field(.offset), episode.first.offset)
            json.field(field(.line), episode.firstLine.hex)
            json.field(field(.peak), episode.peakMilliseconds)
            json.field(field(.peakTime), episode.peak.eventTime.nanoseconds)
            json.field(field(.peakOffset), episode.peak.offset)
            json.field(field(.sum), episode.sum.unitsText)
            json.field(field(.continued), episode.isContinued)
            json.field(field(.late), episode.isLate)
        }
    }

    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: Key.self)
        func number(_ key: Key) throws -> Int64 { try fields.decode(Int64.self, forKey: key) }
        func time(_ key: Key) throws -> Timestamp { Timestamp(nanoseconds: try number(key)) }
        func parsed<Value>(_ key: Key, _ parse: (String) -> Value?) throws -> Value {
            let text = try fields.decode(String.self, forKey: key)
            guard let value = parse(text) else {
                throw DecodingError.dataCorruptedError(
                    forKey: key, in: fields, debugDescription: "unreadable: \(text)")
            }
            return value
        }
        let severity = try number(.severity)
        guard let severity = Severity(rawValue: Int(severity)) else {
            throw DecodingError.dataCorruptedError(
                forKey: .severity, in: fields, debugDescription: "unknown: \(severity)")
        }
        let first = Episode.Place(eventTime: try time(.first), offset: try number(.offset))
        let peak = Episode.Place(eventTime: try time(.peakTime), offset: try number(.peakOffset))
        episode = Episode(
            count: try number(.count), severity: severity,
            peakMilliseconds: try fields.decode(Double.self, forKey: .peak),
            dominantStage: try fields.decodeIfPresent(String.self, forKey: .stage),
            started: try time(.started), ended: try time(.ended),
            latestBeginning: try time(.latestBeginning),
            isContinued: try fields.decode(Bool.self, forKey: .continued),
            isLate: try fields.decode(Bool.self, forKey: .late), first: first,
            firstLine: try parsed(.line) { Digest(hex: $0) }, peak: peak,
            sum: LatencySum(units: try parsed(.sum) { UInt128($0) }))
    }
}
