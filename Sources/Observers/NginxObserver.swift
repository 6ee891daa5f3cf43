/// Reads an nginx access log whose format holds `$request_time`, as text or as JSON.
///
/// ```nginx
/// log_format timed '$remote_addr - $remote_user [$time_local] "$request" $status '
///     '$body_bytes_sent "$http_referer" "$http_user_agent" rt=$request_time '
///     'uct="$upstream_connect_time" uht="$upstream_header_time" urt="$upstream_response_time"';
/// log_format timed_json escape=json '{"time":"$time_iso8601","msec":$msec,'
///     '"request_time":$request_time,"upstream_response_time":"$upstream_response_time"}';
/// ```
///
/// nginx writes seconds with three decimals; they become milliseconds exactly. Other fields may
/// stand anywhere, and the upstream times may be missing. Text that a client chose is looked at
/// only where it cannot pass for a field: nginx escapes the quotes in it.
public struct NginxObserver: LineObserver {
    /// How the registry lists it.
    public static let descriptor = ObserverDescriptor(
        name: "nginx",
        summary: "Reads an nginx access log whose format holds rt=$request_time, or JSON.",
        marker: nil,
        source: "nginx",
        thresholdMilliseconds: 500,
        fields: [
            "latency: rt= or \"request_time\", s",
            "event time: [$time_local], or \"msec\", or \"time\" as $time_iso8601",
            "stage upstream_connect: uct= or \"upstream_connect_time\", s, summed",
            "stage upstream_header: uht= or \"upstream_header_time\", s, summed",
            "stage upstream_response: urt= or \"upstream_response_time\", s, summed",
        ],
        usualPaths: { _ in ["/var/log/nginx/access.log"] })

    /// The stages, in the order of ``NginxLine/Upstream``.
    private static let stageNames = ["upstream_connect", "upstream_header", "upstream_response"]

    /// The names behind the stages of its observations.
    public private(set) var stages: StageNames

    /// An observer at the beginning of a log, or where `options` say it was.
    public init(_ options: ObserverOptions) {
        stages = StageNames(known: Self.stageNames + options.knownStages)
    }

    /// Reads a line; a blank one is irrelevant.
    public mutating func observe(
        _ line: Span<UInt8>, into observation: inout Observation
    ) -> Reading {
        let start = line.endOfBlanks(from: 0)
        guard start < line.count else { return Reading(timestamp: nil, outcome: .irrelevant) }
        let isJSON = line[start] == UInt8(ascii: "{")
        guard let fields = isJSON ? NginxLine(json: line) : NginxLine(text: line) else {
            let reason: StaticString = isJSON ? "not one JSON object" : "a quote that does not end"
            return Reading(timestamp: nil, outcome: .unparsed(reason))
        }
        return Reading(
            timestamp: fields.timestamp, outcome: Self.take(fields, into: &observation))
    }

    private static func take(
        _ fields: NginxLine, into observation: inout Observation
    ) -> Reading.Outcome {
        let latency: Double
        switch fields.request {
        case .absent: return .unparsed("no request time")
        case .malformed: return .unparsed("the request time is no number")
        case .milliseconds(let milliseconds): latency = milliseconds
        }
        observation.latencyMilliseconds = latency
        observation.eventTime = fields.timestamp
        for upstream in NginxLine.Upstream.allCases {
            switch fields.time(upstream) {
            case .absent: break
            case .malformed: return .unparsed("an upstream time is no number")
            case .milliseconds(let milliseconds):
                let stage = StageID(index: StageNames.firstKnown.index + upstream.rawValue)
                // Three stages always fit.
                _ = observation.stages.append(
                    StageSample(stage: stage, milliseconds: milliseconds))
                if upstream == .response, latency > 0, milliseconds >= latency / 2 {
                    observation.dominantStage = stage
                }
            }
        }
        return .observation
    }
}
