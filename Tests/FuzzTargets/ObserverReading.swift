import Observers

/// What an observer makes of lines.
enum ObserverReading {
    /// Reads each line of the input twice: a reading depends on nothing but the lines before it,
    /// and its numbers are ones that can be recorded.
    static func finding(in input: [UInt8], by name: String) -> String? {
        guard let type = ObserverRegistry.observer(named: name) else { return "no \(name)" }
        var first = type.init(ObserverOptions())
        var second = type.init(ObserverOptions())
        for line in input.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            let line = Array(line)
            var (observation, again) = (Observation(), Observation())
            let reading = first.observe(line.span, into: &observation)
            guard isSame(reading, second.observe(line.span, into: &again)) else {
                return "the same lines were read differently"
            }
            guard case .observation = reading.outcome else { continue }
            guard isSame(observation, again) else { return "the same line was another latency" }
            if let finding = finding(in: observation, of: line, first.stages) { return finding }
        }
        return nil
    }

    private static func finding(
        in observation: Observation, of line: [UInt8], _ stages: StageNames
    ) -> String? {
        guard observation.latencyMilliseconds.isFinite, observation.queuedMilliseconds.isFinite
        else { return "a latency that is no number" }
        for index in 0..<observation.stages.count {
            let sample = observation.stages[index]
            guard sample.milliseconds.isFinite else { return "a stage that is no number" }
            guard !stages.name(of: sample.stage).isEmpty else { return "a stage without a name" }
        }
        if let text = observation.requestID { _ = text.bytes(in: line.span) }
        return nil
    }

    private static func isSame(_ one: Reading, _ other: Reading) -> Bool {
        guard one.timestamp == other.timestamp else { return false }
        switch (one.outcome, other.outcome) {
        case (.observation, .observation), (.irrelevant, .irrelevant), (.unparsed, .unparsed):
            return true
        default: return false
        }
    }

    private static func isSame(_ one: Observation, _ other: Observation) -> Bool {
        one.latencyMilliseconds == other.latencyMilliseconds
            && one.eventTime == other.eventTime
            && one.queuedMilliseconds == other.queuedMilliseconds
            && one.dominantStage == other.dominantStage
            && one.requestID?.range == other.requestID?.range
            && one.stages.count == other.stages.count
    }
}
