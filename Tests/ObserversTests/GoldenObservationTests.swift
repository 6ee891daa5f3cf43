import Foundation
import Observers
import Testing

/// The contract of each observer: real lines in, expected observations out.
///
/// `LOGTAIL_RECORD=1` writes the expected observations anew, and fails.
@Suite struct GoldenObservationTests {
    @Test(arguments: try Fixture.all())
    func `reads every line of a real log as expected`(_ fixture: Fixture) throws {
        var observer = fixture.observer.init(ObserverOptions(zone: fixture.zone))
        // One for all lines, as the engine has it: nothing may be left of the line before.
        var observation = Observation()
        let found = try fixture.lines().map { line in
            observation.clear()
            let reading = observer.observe(line.bytes.span, into: &observation)
            return row(
                line.number, FullReading(reading, observation), observer.stages, line.bytes)
        }
        if ProcessInfo.processInfo.environment["LOGTAIL_RECORD"] == "1" {
            let text = found.joined(separator: "\n") + "\n"
            try Data(text.utf8).write(to: fixture.expected)
            Issue.record("recorded \(fixture.expected.path)")
        }
        let expected = try String(contentsOf: fixture.expected, encoding: .utf8)
            .split(separator: "\n").map(String.init)
        #expect(found.count == expected.count)
        for (found, expected) in zip(found, expected) { #expect(found == expected) }
    }

    @Test func `the expected observations are what Python makes of the logs`() throws {
        let python = Process()
        python.executableURL = URL(filePath: "/usr/bin/env")
        python.arguments = [
            "python3", Fixture.folder.appending(path: "check_observations.py").path,
        ]
        let output = Pipe()
        python.standardOutput = output
        try python.run()
        let text = String(
            decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        python.waitUntilExit()
        // What env(1) says where there is no such program.
        if python.terminationStatus == 127 {
            print("python3 is missing: expected observations not checked against it")
            return
        }
        #expect(python.terminationStatus == 0, "\(text)")
    }

    /// A line of an `.observations` file; check_observations.py reads it.
    private func row(
        _ number: Int, _ reading: FullReading, _ stages: StageNames, _ line: [UInt8]
    ) -> String {
        var fields = ["\(number)"]
        switch reading.outcome {
        case .irrelevant: fields += ["irrelevant", text(reading.timestamp)]
        case .unparsed(let reason):
            fields += ["unparsed", text(reading.timestamp), "\(reason)"]
        case .observation(let observation):
            let samples = (0..<observation.stages.count).map { index in
                let sample = observation.stages[index]
                return "\(stages.name(of: sample.stage))=\(sample.milliseconds)"
            }
            fields += [
                "observation", text(reading.timestamp), text(observation.eventTime),
                "\(observation.latencyMilliseconds)", "\(observation.queuedMilliseconds)",
                observation.dominantStage.map { stages.name(of: $0) } ?? "-",
                observation.requestID?.text(in: line.span) ?? "-",
                samples.isEmpty ? "-" : samples.joined(separator: ","),
            ]
        }
        return fields.joined(separator: "\t")
    }

    /// RFC 3339 with nanoseconds.
    private func text(_ timestamp: Timestamp?) -> String {
        guard let timestamp else { return "-" }
        let fraction = timestamp.nanoseconds.floorDividedWithRemainder(by: 1_000_000_000).remainder
        let digits = "\(fraction)"
        let padding = String(repeating: "0", count: 9 - digits.count)
        return timestamp.text.dropLast("123Z".count) + padding + digits + "Z"
    }
}
