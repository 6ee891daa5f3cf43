import Foundation
import Synchronization
import Telemetry
import Testing

@testable import Bus

/// A unix socket sink with a log and a folder of its own.
final class BusServer {
    let log: MemoryLog
    let folder: TemporaryFolder
    let runner: SinkRunner
    let reports = Reports()

    var path: String { folder.path + "/bus.sock" }

    init(
        log: MemoryLog = MemoryLog(), limits: UnixSocketSink.Limits = .init(),
        publication: Publication = .episodes, name: String? = nil,
        folder: TemporaryFolder = TemporaryFolder()
    ) throws {
        self.log = log
        self.folder = folder
        let path = folder.path + "/bus.sock"
        var plan = UnixSocketSink.plan(path: path, limits: limits)
        if let name { plan = SinkPlan(name: name, open: plan.open) }
        runner = try SinkRunner(
            plan, positions: log, startingAt: 0, publication: publication, openLog: { log },
            report: reports.add)
        try runner.start()
    }

    deinit {
        _ = runner.stop(until: .now + .seconds(10))
    }

    /// Commits rows and wakes the sink, as the engine does.
    func commit(_ count: Int, edit: (inout RecordedEvent) -> Void = { _ in }) {
        log.append(count, edit: edit)
        runner.wake()
    }

    /// A client that has been greeted.
    func client(_ request: String = "{}") throws -> BusClientProbe {
        let client = try BusClientProbe(path, request)
        let hello = try client.object()
        #expect(hello?["hello"] as? String == "logtail", "\(hello ?? [:])")
        return client
    }
}

/// What a runner reported.
final class Reports: Sendable {
    private let reports = Mutex<[SinkReport]>([])

    var all: [SinkReport] { reports.withLock { $0 } }

    var add: @Sendable (SinkReport) -> Void {
        { report in self.reports.withLock { $0.append(report) } }
    }
}

/// A folder that goes away with its owner.
final class TemporaryFolder: Sendable {
    let path: String

    init() {
        path = "/tmp/logtail-bus-\(UUID().uuidString.prefix(13))"
        try? FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }
}

/// Waits until a condition holds; false where it does not within ten seconds.
func eventually(_ condition: () throws -> Bool) rethrows -> Bool {
    let deadline = ContinuousClock.now + .seconds(10)
    while ContinuousClock.now < deadline {
        if try condition() { return true }
        // A pause: between two looks at the condition.
        usleep(1_000)
    }
    return false
}

/// Random numbers from `LOGTAIL_SEED`, or from a seed that is printed.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init() {
        let given = ProcessInfo.processInfo.environment["LOGTAIL_SEED"].flatMap { UInt64($0) }
        state = given ?? UInt64.random(in: .min ... .max)
        print("LOGTAIL_SEED=\(state)")
    }

    mutating func next() -> UInt64 {
        // SplitMix64.
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
