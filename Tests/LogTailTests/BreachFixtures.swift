import Checkpoint
import Foundation
import LogTail
import Observers

extension Breach {
    /// A breach at `milliseconds` after the epoch, told apart from others by its offset.
    static func at(
        _ milliseconds: Double, latency: Double = 600, queued: Double = 0,
        severity: Severity = .degraded, stage: String? = nil, offset: Int64 = 0
    ) -> Breach {
        Breach(
            eventTime: .at(milliseconds), latencyMilliseconds: latency, queuedMilliseconds: queued,
            severity: severity, dominantStage: stage, offset: offset,
            line: Digest(of: ["line at \(offset)"]))
    }
}

extension Timestamp {
    /// `milliseconds` after the epoch.
    static func at(_ milliseconds: Double) -> Timestamp {
        Timestamp(nanoseconds: 0).advanced(byMilliseconds: milliseconds)
    }
}

extension EpisodeCoalescer {
    /// A coalescer with rules in milliseconds.
    init(quiet: Int64 = 500, lateness: Int64 = 0, maximumSpan: Int64 = 300_000) {
        self.init(
            rules: EpisodeRules(
                quietMilliseconds: quiet, latenessMilliseconds: lateness,
                maximumSpanMilliseconds: maximumSpan))
    }

    /// Feeds a line written at `milliseconds`, with the breach it carries, if any.
    mutating func line(at milliseconds: Double, _ breach: Breach? = nil) -> [Episode] {
        var closed = advance(to: .at(milliseconds))
        if let breach { closed += add(breach) }
        return closed
    }

    /// The coalescer that a daemon started now would restore.
    func restored() throws -> EpisodeCoalescer {
        var json = JSONWriter()
        writeState(to: &json)
        let state = try JSONDecoder().decode(EpisodeState.self, from: Data(json.text.utf8))
        return EpisodeCoalescer(rules: rules, state: state)
    }
}
