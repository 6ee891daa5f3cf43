import Foundation
import TestSupport
import Testing

@testable import LogTail

/// Random sequences of what happens to a log and its daemon, checked against a simple oracle.
///
/// The sequences are the same at each run, so that only a change can change the outcome;
/// `make soak` takes new ones. A failure prints its seed, which `LOGTAIL_SEED` takes back. Some
/// choices depend on the clock of the file system, so a seed may have to be tried several times.
@Suite struct RotationModelTests {
    private static let environment = ProcessInfo.processInfo.environment

    /// Sequences of each mode; `LOGTAIL_SEQUENCES` asks for more.
    private static let count = environment["LOGTAIL_SEQUENCES"].flatMap { Int($0) } ?? 700

    /// All modes, or the one that `LOGTAIL_MODE` names.
    private static let modes = RotationModel.Mode.allCases.filter {
        environment["LOGTAIL_MODE"].map("\($0)".elementsEqual) ?? true
    }

    private static let isSoak = environment["LOGTAIL_SOAK"] != nil

    @Test(arguments: modes)
    func `every line becomes a row, once and at its place, whatever rotates`(
        _ mode: RotationModel.Mode
    ) throws {
        var random = Self.isSoak ? SeededGenerator(for: "\(mode)") : SeededGenerator(fixed: 2_026)
        let given = Self.environment["LOGTAIL_SEED"].flatMap { UInt64($0) }
        let watches = try WatchTable()
        for _ in 0..<(given == nil ? Self.count : 1) {
            let seed = given ?? random.next()
            var model = RotationModel(mode, SeededGenerator(fixed: seed), watches)
            let problem = try model.run()
            let history = model.history.joined(separator: " | ")
            #expect(problem == nil, "LOGTAIL_SEED=\(seed) \(mode) \(history)")
        }
    }
}
