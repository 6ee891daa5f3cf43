/// Reads the STAGE_TIMINGS lines of a headroom proxy log, one for each finished request.
///
/// A line is a Python-logging prefix in local time, a bracketed request id, the marker and one
/// JSON object:
///
/// ```text
/// 2026-11-21 01:37:09,281 - headroom.proxy - INFO - [hr_1795225026_000022] STAGE_TIMINGS {…}
/// ```
///
/// The observed latency is `stages.total_pre_upstream`, what the proxy itself added before the
/// request went upstream. Known from 0.6.7 to 0.42.0; clients can forge such lines.
public struct HeadroomObserver: LineObserver {
    private static let marker = "STAGE_TIMINGS "

    /// How the registry lists it.
    public static let descriptor = ObserverDescriptor(
        name: "headroom",
        summary: "Reads the STAGE_TIMINGS lines of a headroom proxy log, one for each request.",
        marker: marker,
        source: "headroom-proxy",
        thresholdMilliseconds: 500,
        quietMilliseconds: 500,
        latenessMilliseconds: 15_000,
        fields: [
            "latency: stages.total_pre_upstream, ms",
            "queued: stages.pre_upstream_wait, ms",
            "event time: the line's time minus stages.upstream_connect",
            "request_id",
            "stages: every other number in stages, ms",
        ],
        usualPaths: usualPaths)

    /// The names behind the stages of its observations.
    public private(set) var stages: StageNames
    private var clock: LocalClock
    private var prefixes = LoggingPrefixes()
    private let marker = Array(Self.marker.utf8)

    /// An observer at the beginning of a log, or where `options` say it was.
    public init(_ options: ObserverOptions) {
        stages = StageNames(known: HeadroomStages.usual + options.knownStages)
        clock = LocalClock(zone: options.zone, notBefore: options.notBefore)
    }

    /// Reads a line that contains the marker.
    public mutating func observe(
        _ line: Span<UInt8>, into observation: inout Observation
    ) -> Reading {
        guard let start = line.firstIndex(of: marker) else {
            return Reading(timestamp: nil, outcome: .unparsed("no marker"))
        }
        // What a line without an observation names is forgotten: a log holds such lines in any
        // number, and the names must not depend on which of them were read.
        let known = stages.count
        let payload = HeadroomPayload(
            line, at: start + marker.count, names: &stages, into: &observation)
        let timestamp = timestamp(line, payload, observation.requestID)
        let outcome = Self.outcome(of: payload)
        guard case .observation = outcome, case .milliseconds(let total) = payload.stages.total
        else {
            stages.forget(after: known)
            return Reading(timestamp: timestamp, outcome: outcome)
        }
        observation.latencyMilliseconds = total
        observation.eventTime = timestamp?.advanced(
            byMilliseconds: -payload.stages.connectMilliseconds)
        observation.queuedMilliseconds = payload.stages.queuedMilliseconds
        observation.dominantStage = payload.stages.dominant
        return Reading(timestamp: timestamp, outcome: outcome)
    }

    private static func outcome(of payload: HeadroomPayload) -> Reading.Outcome {
        guard payload.isComplete else { return .unparsed("not one JSON object") }
        guard payload.hasStages else { return .unparsed("no stages object") }
        if payload.isWebsocket { return .irrelevant }
        switch payload.stages.total {
        case .absent: return .unparsed("no total_pre_upstream")
        case .other: return .unparsed("total_pre_upstream is not a number")
        case .null: return .irrelevant
        case .milliseconds:
            return payload.stages.isOverfull ? .unparsed("too many stages") : .observation
        }
    }

    /// The line's time, by the offset that the request's id tells where there is one.
    private mutating func timestamp(
        _ line: Span<UInt8>, _ payload: HeadroomPayload, _ requestID: LineText?
    ) -> Timestamp? {
        guard let local = prefixes.time(of: line) else { return nil }
        let offset = payload.requestSecond(requestID, in: line).flatMap { second in
            LocalClock.offset(
                of: local, after: second, elapsedMilliseconds: payload.elapsedMilliseconds)
        }
        return clock.timestamp(of: local, offset: offset)
    }

    /// Where headroom's logging puts its files: `proxy.log` up to 0.37, then `proxy-PORT.log`,
    /// with several workers `proxy-PORT-PID.log`. Never `proxy-stdio-PORT.log`, which repeats
    /// their lines.
    @Sendable private static func usualPaths(_ environment: [String: String]) -> [String] {
        guard let workspace = workspace(environment) else { return [] }
        return ["proxy.log", "proxy-[0-9]*.log"].map { "\(workspace)/logs/\($0)" }
    }

    /// headroom's own rule: `$HEADROOM_WORKSPACE_DIR` without the blanks around it, a leading `~`
    /// meaning home; else `$HOME/.headroom`.
    private static func workspace(_ environment: [String: String]) -> String? {
        let home = environment["HOME"].flatMap { $0.isEmpty ? nil : $0 }
        let words = environment["HEADROOM_WORKSPACE_DIR", default: ""].drop(while: \.isWhitespace)
        guard let end = words.lastIndex(where: { !$0.isWhitespace }) else {
            return home.map { $0 + "/.headroom" }
        }
        let named = String(words[...end])
        guard let home, named == "~" || named.hasPrefix("~/") else { return named }
        return home + named.dropFirst()
    }
}
