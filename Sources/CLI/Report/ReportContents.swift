internal import LogTail
internal import Observers
internal import Telemetry

/// What a report tells, before any of it is drawn.
struct ReportContents {
    let window: ReportWindow
    /// The stretches that latencies are added up in.
    let step: TimeStep
    /// Where they begin and end, minutes since the epoch.
    let boundaries: [Int64]
    /// One for each source, in order of name; at most ``mostSources``.
    let sources: [ReportSource]
    /// Sources beyond that.
    let sourcesLeftOut: Int
    /// The observed latency of all sources.
    let total: LatencySummary
    /// Episodes of all sources.
    let episodes: EpisodeTally
    /// What was lost or not understood, the latest of it.
    let notices: [RecordedEvent]
    /// How many notices there are.
    let noticeCount: Int64
    /// True where retention has removed some of what the window asks for.
    let isPruned: Bool

    /// Each source is a screenful or two.
    static let mostSources = 12

    /// True where there is nothing to tell.
    var isEmpty: Bool { sources.isEmpty && noticeCount == 0 }

    /// The stretches, cut to the window.
    var stretches: [Range<Int64>] {
        zip(boundaries, boundaries.dropFirst())
            .map { max($0, window.minutes.lowerBound)..<min($1, window.minutes.upperBound) }
    }
}

/// What a report tells of one source.
struct ReportSource {
    let name: String
    /// The observed latency in each stretch of the window.
    var stretches: [LatencyCell]
    /// The observed latency in the whole window.
    var total: LatencyCell
    /// The stages that have latencies, by name.
    var stages: [LatencyCell] = []
    var episodes = EpisodeTally()

    init(_ name: String, stretches count: Int) {
        self.name = name
        total = LatencyCell(source: name, stage: StatsQuestion.total, minute: 0)
        stretches = Array(repeating: total, count: count)
    }
}

/// Episodes as they are counted, with the worst of them.
struct EpisodeTally {
    /// How many were stalls.
    private(set) var stalls = 0
    /// How many were degraded and no stall.
    private(set) var degraded = 0
    /// How long the stalls took together, in milliseconds.
    private(set) var stallMilliseconds = 0.0
    /// How many have each dominant stage.
    private(set) var dominance: [String: Int] = [:]
    private var kept: [RecordedEpisode] = []

    /// As many as a screen can show beside each other.
    static let mostKept = 400

    var count: Int { stalls + degraded }

    mutating func add(_ episode: RecordedEpisode) {
        if episode.status == EventStatus.stall.rawValue {
            stalls += 1
            stallMilliseconds += max(0, episode.spanMilliseconds)
        } else {
            degraded += 1
        }
        if let stage = episode.dominantStage { dominance[stage, default: 0] += 1 }
        kept.append(episode)
        // Seldom enough that each episode is sorted a few times only.
        if kept.count >= 8 * Self.mostKept { kept = worst(Self.mostKept) }
    }

    /// The episodes with the largest latency, in order of time.
    func worst(_ count: Int) -> [RecordedEpisode] {
        kept.sorted { ($1.peakMilliseconds, $0.seq) < ($0.peakMilliseconds, $1.seq) }
            .prefix(count).sorted { ($0.timestamp, $0.seq) < ($1.timestamp, $1.seq) }
    }
}
