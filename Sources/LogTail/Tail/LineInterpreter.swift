internal import Checkpoint
internal import Observers
internal import Syscalls

/// Turns the lines of one path into breaches, episodes, latencies and drift reports.
///
/// A value, so that a line costs one access to it that is checked while the program runs; each
/// property of an object would cost one.
struct LineInterpreter: ~Copyable {
    private let configuration: TailConfiguration
    private let path: String
    private let harvest: Harvest
    private var observer: any LineObserver
    /// What the observer makes of a line.
    private var observation = Observation()
    private var coalescer: EpisodeCoalescer
    private var drift: DriftDetector
    private var tally: LatencyTally

    /// Lines that were observations.
    private(set) var linesMatched: Int64
    /// Lines with the marker that did not parse.
    private(set) var linesUnparsed: Int64
    /// The time of reading, on the monotonic clock.
    var now: Int64
    /// When the last line with the marker was read, on the same clock.
    private var lastMarkerLine: Int64

    init(_ configuration: TailConfiguration, path: String, _ memory: TailMemory, _ harvest: Harvest)
    {
        self.configuration = configuration
        self.path = path
        self.harvest = harvest
        coalescer =
            memory.state.map { EpisodeCoalescer(rules: configuration.episodes, state: $0.episodes) }
            ?? EpisodeCoalescer(rules: configuration.episodes)
        tally = LatencyTally(
            harvest.ledger, source: configuration.source, configuration.thresholds)
        drift = memory.state?.drift ?? DriftDetector()
        observer = configuration.observer.init(
            ObserverOptions(
                zone: configuration.zone, notBefore: coalescer.clock,
                knownStages: memory.knownStages))
        linesMatched = memory.linesMatched
        linesUnparsed = memory.linesUnparsed
        now = Clock.monotonic
        lastMarkerLine = now
    }

    /// When the open episodes close by themselves, on the monotonic clock, if no further line
    /// with the marker comes; nil where none is open.
    var closingTime: Int64? {
        coalescer.hasOpenEpisodes
            ? lastMarkerLine.addingSaturating(configuration.episodes.closingDelay) : nil
    }

    /// Takes in a line that holds the marker; `offset` is where it starts in its generation.
    mutating func interpret(_ line: Span<UInt8>, at offset: Int64) {
        observation.clear()
        let reading = observer.observe(line, into: &observation)
        lastMarkerLine = now
        if let timestamp = reading.timestamp {
            record(coalescer.advance(to: timestamp))
        }
        switch reading.outcome {
        case .observation:
            linesMatched += 1
            report(drift.countParsed(), reading.timestamp)
            take(line, offset)
        case .irrelevant:
            break
        case .unparsed:
            linesUnparsed += 1
            report(drift.countUnparsed(line, offset: offset), reading.timestamp)
        }
    }

    /// Closes and records every open episode.
    mutating func closeEpisodes() {
        record(coalescer.closeAll())
    }

    /// Writes the fields of the checkpoint's state that ``TailState`` reads back.
    func writeState(to json: inout JSONWriter) {
        json.field("episodes") { json in coalescer.writeState(to: &json) }
        json.field("drift") { json in drift.writeState(to: &json) }
    }

    private mutating func take(_ line: Span<UInt8>, _ offset: Int64) {
        let latency = observation.latencyMilliseconds
        let eventTime = observation.eventTime ?? Timestamp(nanoseconds: Clock.wall)
        Self.count(observation, inMinute: eventTime.unixMinute, in: &tally, observer)
        let severity = configuration.thresholds.severity(of: latency)
        guard severity > .normal else { return }
        let breach = Breach(
            eventTime: eventTime, latencyMilliseconds: latency,
            queuedMilliseconds: observation.queuedMilliseconds, severity: severity,
            dominantStage: observation.dominantStage.map(observer.stages.name(of:)),
            offset: offset, line: Digest(of: line))
        harvest.events.append(event(of: breach, observation.requestID?.text(in: line)))
        record(coalescer.add(breach))
    }

    private static func count(
        _ observation: Observation, inMinute minute: Int64, in tally: inout LatencyTally,
        _ observer: any LineObserver
    ) {
        tally.record(observation, inMinute: minute) { observer.stages.name(of: $0) }
    }

    private func event(of breach: Breach, _ requestID: String?) -> Event {
        var json = JSONWriter()
        json.object { json in
            json.field("stage", breach.dominantStage)
            json.field("request_id", requestID)
            json.field("queued_ms", breach.queuedMilliseconds)
            json.field("path", path)
            json.field("offset", breach.offset)
        }
        return Event(
            seed: EventSeed(
                source: configuration.source, kind: .overhead, offset: breach.offset,
                line: breach.line),
            timestamp: breach.eventTime, source: configuration.source,
            event: configuration.event, kind: .overhead,
            status: breach.severity == .stall ? .stall : .degraded,
            durationMilliseconds: breach.latencyMilliseconds, stage: breach.dominantStage,
            detail: json.text)
    }

    private func record(_ episodes: [Episode]) {
        for episode in episodes {
            harvest.events.append(
                episode.event(source: configuration.source, event: configuration.event))
        }
    }

    private func report(_ report: DriftReport?, _ timestamp: Timestamp?) {
        guard let report else { return }
        harvest.events.append(
            report.event(
                source: configuration.source, event: configuration.event, path: path,
                timestamp: timestamp ?? Timestamp(nanoseconds: Clock.wall)))
    }
}
