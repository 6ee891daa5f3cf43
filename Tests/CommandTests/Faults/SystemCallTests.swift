import Foundation
import TestSupport
import Testing

/// What happens when the daemon is killed at one of its system calls, and when one of them fails.
///
/// A few places are drawn anew at each run; with `LOGTAIL_SOAK` every single one is tried.
@Suite(
    .workspaces, .serialized,
    .enabled(if: Strace.isPossible, "strace is missing, or processes may not be traced"))
struct SystemCallTests {
    private static let isSoak = ProcessInfo.processInfo.environment["LOGTAIL_SOAK"] != nil

    /// Places tried of each call and stage.
    private static let sample = 2

    @Test(arguments: FaultScenario.Stage.allCases)
    func `killed at any system call, it loses and doubles nothing`(
        _ stage: FaultScenario.Stage
    ) throws {
        var generator = SeededGenerator()
        var tried = 0
        var deaths = 0
        for (call, count) in try Self.counts(stage).sorted(by: { $0.key < $1.key }) {
            for place in Self.places(1...count, &generator) {
                let scenario = try FaultScenario { _ in
                    [stage: Strace.inject(call, "signal=KILL:when=\(place)")]
                }
                try Self.attempt("killed at \(call) \(place)") { try scenario.run() }
                #expect(scenario.deaths <= 1)
                tried += 1
                deaths += scenario.deaths
            }
        }
        print("\(stage): \(deaths) deaths at \(tried) places")
        // Not every run makes as many calls as the one they were counted in.
        #expect(deaths > tried / 2)
    }

    /// A way for calls to fail.
    struct Fault: CustomTestStringConvertible, Sendable {
        let call: String
        let error: String
        let isOfDatabase: Bool

        var testDescription: String {
            "\(error) of \(call) on the \(isOfDatabase ? "database" : "log")"
        }
    }

    private static let faults = [
        Fault(call: "pwrite64", error: "ENOSPC", isOfDatabase: true),
        Fault(call: "pwrite64", error: "EIO", isOfDatabase: true),
        Fault(call: "fdatasync", error: "EIO", isOfDatabase: true),
        Fault(call: "pread64", error: "EIO", isOfDatabase: false),
        Fault(call: "pread64", error: "EINTR", isOfDatabase: false),
        Fault(call: "openat", error: "EMFILE", isOfDatabase: false),
        Fault(call: "openat", error: "EINTR", isOfDatabase: false),
    ]

    @Test(arguments: faults)
    func `where calls fail for a while, it goes on by itself`(_ fault: Fault) throws {
        var generator = SeededGenerator()
        for place in Self.places(1...40, &generator) {
            let scenario = try FaultScenario { workspace in
                let paths =
                    fault.isOfDatabase
                    ? ["", "-wal"].map { workspace.database + $0 } : [workspace.path("proxy.log")]
                let what = "error=\(fault.error):when=\(place)..\(place + 3)"
                return [.first: Strace.inject(fault.call, what, paths: paths)]
            }
            try Self.attempt("\(fault.testDescription) from \(place)") { try scenario.run() }
            let lines = scenario.errorLines
            // A start that cannot be is up to the supervisor; what has started goes on.
            #expect(lines.count { $0.contains(" info following ") } == 2, "\(lines)")
            let errors = lines.count { $0.contains(" error ") }
            #expect(errors <= 1, "\(lines)")
            // Where it begins with the last commit of all, nobody sees the end.
            let ends = lines.count { $0.contains(" info recording again") }
            #expect(ends == errors || ends == errors - 1, "\(lines)")
        }
    }

    /// Names the place where `body` failed.
    private static func attempt(_ place: String, _ body: () throws -> Void) throws {
        do {
            try body()
        } catch {
            Issue.record("\(place): \(error)")
        }
    }

    /// How often each call is made by the daemon of a stage.
    private static func counts(_ stage: FaultScenario.Stage) throws -> [String: Int] {
        var trace = ""
        let scenario = try FaultScenario { workspace in
            trace = workspace.path("trace")
            return [stage: Strace.record(Strace.calls, to: trace)]
        }
        try scenario.run()
        let counts = try Strace.counts(trace, pid: try #require(scenario.pids[stage]))
        #expect(counts["pwrite64"] ?? 0 > 10)
        return counts
    }

    private static func places(
        _ all: ClosedRange<Int>, _ generator: inout SeededGenerator
    ) -> [Int] {
        isSoak ? Array(all) : Array(all.shuffled(using: &generator).prefix(sample)).sorted()
    }
}
