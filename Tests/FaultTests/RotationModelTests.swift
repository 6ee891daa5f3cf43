import Foundation
import Testing

@testable import LogTail

/// Random sequences of what happens to a log and its daemon, checked against a simple oracle.
@Suite struct RotationModelTests {
    /// Sequences of each mode; `LOGTAIL_SEQUENCES` asks for more.
    private static let count =
        ProcessInfo.processInfo.environment["LOGTAIL_SEQUENCES"].flatMap { Int($0) } ?? 700

    @Test(arguments: RotationModel.Mode.allCases)
    func `every line becomes a row, once and at its place, whatever rotates`(
        _ mode: RotationModel.Mode
    ) throws {
        var random = SeededRandom("\(mode)")
        let given = ProcessInfo.processInfo.environment["LOGTAIL_SEED"].flatMap { UInt64($0) }
        let watches = try WatchTable()
        for _ in 0..<(given == nil ? Self.count : 1) {
            let seed = given ?? random.next()
            var model = RotationModel(mode, SeededRandom(seed: seed), watches)
            let problem = try model.run()
            let history = model.history.joined(separator: " | ")
            #expect(problem == nil, "LOGTAIL_SEED=\(seed) \(mode) \(history)")
        }
    }
}
