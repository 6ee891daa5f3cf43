import Foundation
import Synchronization
import Telemetry
import TestSupport
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
        folder: TemporaryFolder? = nil,
        reading: @escaping @Sendable (MemoryLog) -> any EventLog = { $0 }
    ) throws {
        self.log = log
        let folder = try folder ?? TemporaryFolder()
        self.folder = folder
        let path = folder.path + "/bus.sock"
        var plan = UnixSocketSink.plan(path: path, limits: limits)
        if let name { plan = SinkPlan(name: name, open: plan.open) }
        runner = try SinkRunner(
            plan, positions: log, startingAt: 0, publication: publication,
            openLog: { reading(log) }, report: reports.add)
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

/// Waits until a condition holds; false where it does not within ten seconds.
func eventually(_ condition: () throws -> Bool) rethrows -> Bool {
    (try? eventually("a condition", within: .seconds(10), condition)) != nil
}
