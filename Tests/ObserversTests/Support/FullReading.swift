@testable import Observers

/// A reading with the observation that it tells of, so that a test can look at both at once.
struct FullReading {
    let timestamp: Timestamp?
    let outcome: Outcome

    enum Outcome {
        case observation(Observation)
        case irrelevant
        case unparsed(StaticString)
    }

    init(_ reading: Reading, _ observation: Observation) {
        timestamp = reading.timestamp
        switch reading.outcome {
        case .observation: outcome = .observation(observation)
        case .irrelevant: outcome = .irrelevant
        case .unparsed(let reason): outcome = .unparsed(reason)
        }
    }
}

extension LineObserver {
    mutating func observe(_ line: Span<UInt8>) -> FullReading {
        var observation = Observation()
        let reading = observe(line, into: &observation)
        return FullReading(reading, observation)
    }

    mutating func observe(_ line: String) -> FullReading { observe(Array(line.utf8).span) }
}
