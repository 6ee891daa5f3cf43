import Foundation
import Synchronization
import Syscalls
import Telemetry
import Testing

@testable import Bus

struct SinkRunnerTests {
    @Test func `a new sink's position is saved before anything is delivered`() throws {
        let log = MemoryLog()
        log.append(3)
        let (runner, _) = try start(log, at: 3)
        // A crash now must not move the start past what is committed next.
        #expect(log.positions == ["test:": 3])
        #expect(runner.stop(until: .now + .seconds(10)))
    }

    @Test func `a sink that cannot be opened says why to whoever starts it`() throws {
        let log = MemoryLog()
        let error = BusError.inUse(path: "/x")
        let plan = SinkPlan(name: "test:") { _ throws(BusError) in throw error }
        let runner = try SinkRunner(
            plan, positions: log, startingAt: 0, publication: .all, openLog: { log },
            report: { _ in })
        #expect(throws: error) { try runner.start() }
    }

    @Test func `a log that cannot be opened says why to whoever starts the sink`() throws {
        let log = MemoryLog()
        let failure = TelemetryError.missing(path: "t.sqlite")
        let runner = try SinkRunner(
            StdoutSink.plan(name: "test:", number: 1), positions: log, startingAt: 0,
            publication: .all, openLog: { () throws(TelemetryError) in throw failure },
            report: { _ in })
        #expect(throws: BusError.database(failure)) { try runner.start() }
    }

    @Test func `a busy sink saves its position now and then, and once when it is quiet`() throws {
        let log = MemoryLog()
        let (runner, sink) = try start(log, at: 0)
        let began = ContinuousClock.now
        for seq in 1...500 as ClosedRange<Int64> {
            log.append(1)
            runner.wake()
            #expect(eventually { sink.delivered == seq })
        }
        let seconds = Int((ContinuousClock.now - began) / .seconds(1))
        // The first one is that of a new sink.
        #expect(log.moves <= 2 + seconds)
        #expect(eventually { log.positions["test:"] == 500 })
        #expect(log.moves <= 3 + seconds)
        #expect(runner.stop(until: .now + .seconds(10)))
    }

    @Test func `the position is saved when the sink is stopped`() throws {
        let log = MemoryLog()
        let (runner, sink) = try start(log, at: 0)
        for seq in 1...3 as ClosedRange<Int64> {
            log.append(1)
            runner.wake()
            #expect(eventually { sink.delivered == seq })
        }
        #expect(runner.stop(until: .now + .seconds(10)))
        #expect(log.positions["test:"] == 3)
    }

    @Test func `a failure is reported once, its end too, and rows wait for it`() throws {
        let log = MemoryLog()
        let (runner, sink) = try start(log, at: 0)
        let failure = BusError.failed(verb: "write to", object: "test:", reason: "disk full")
        sink.fail(failure)
        log.append(5)
        runner.wake()
        #expect(eventually { sink.attempts >= 3 })
        #expect(sink.reports.all == [.failing(sink: "test:", failure)])
        let other = BusError.failed(verb: "write to", object: "test:", reason: "gone")
        sink.fail(other)
        #expect(eventually { sink.reports.all.count == 2 })
        sink.fail(nil)
        #expect(eventually { sink.delivered == 5 })
        #expect(eventually { sink.reports.all.count == 3 })
        #expect(
            sink.reports.all == [
                .failing(sink: "test:", failure), .failing(sink: "test:", other),
                .recovered(sink: "test:"),
            ])
        #expect(runner.stop(until: .now + .seconds(10)))
    }

    @Test func `positions that cannot be saved are saved later`() throws {
        let log = MemoryLog()
        let (runner, sink) = try start(log, at: 0)
        log.fail(.failed(path: "t.sqlite", reason: "busy"))
        sink.ignoresLog(5)
        runner.wake()
        #expect(eventually { sink.reports.all.count == 1 })
        log.fail(nil)
        #expect(eventually { log.positions["test:"] == 5 })
        #expect(eventually { sink.reports.all.last == .recovered(sink: "test:") })
        #expect(runner.stop(until: .now + .seconds(10)))
    }

    @Test func `positions that another program holds up are no failure, and saved later`() throws {
        let log = MemoryLog()
        let (runner, sink) = try start(log, at: 0)
        log.hold(true)
        for seq in 1...3 as ClosedRange<Int64> {
            log.append(1)
            runner.wake()
            #expect(eventually { sink.delivered == seq })
        }
        #expect(runner.drain(until: .now + .milliseconds(20)) == false)
        #expect(log.positions["test:"] == 0)
        log.hold(false)
        #expect(runner.drain(until: .now + .seconds(10)))
        #expect(log.positions["test:"] == 3)
        #expect(sink.reports.all == [])
        #expect(runner.stop(until: .now + .seconds(10)))
    }

    @Test func `a drain waits for what is committed, and no longer than its deadline`() throws {
        let log = MemoryLog()
        let (runner, sink) = try start(log, at: 0)
        #expect(runner.drain(until: .now + .seconds(10)))
        sink.fail(.failed(verb: "write to", object: "test:", reason: "down"))
        log.append(5)
        let began = ContinuousClock.now
        #expect(runner.drain(until: began + .milliseconds(50)) == false)
        #expect(ContinuousClock.now - began < .seconds(5))
        sink.fail(nil)
        #expect(runner.drain(until: .now + .seconds(10)))
        #expect(sink.delivered == 5)
        #expect(log.positions["test:"] == 5)
        #expect(runner.stop(until: .now + .seconds(10)))
        #expect(runner.drain(until: .now + .seconds(10)) == false)
    }

    @Test func `the drain of a unix socket waits for clients that still read`() throws {
        let server = try BusServer()
        server.commit(3_000)
        let client = try server.client(#"{"since":0}"#)
        #expect(server.runner.drain(until: .now + .milliseconds(20)) == false)
        for seq in 1...3_000 as ClosedRange<Int64> { try #require(try client.seq() == seq) }
        #expect(server.runner.drain(until: .now + .seconds(10)))
        #expect(server.log.positions[server.runner.name] == 3_000)
    }

    @Test func `nothing wakes a sink that has nothing to do`() throws {
        var limits = UnixSocketSink.Limits()
        limits.patience = .milliseconds(20)
        let server = try BusServer(limits: limits, name: "idle")
        server.commit(3_000)
        // One live, one that takes nothing though less than too much waits, one that sends no
        // more, one that was refused.
        let live = try server.client()
        let sleeper = try server.client(#"{"since":0}"#)
        let silent = try server.client()
        silent.endSending()
        let refused = try BusClientProbe(server.path, "nonsense")
        #expect(try refused.object()?["error"] != nil)
        refused.endSending()
        #expect(try refused.line() == nil)
        server.commit(1)
        #expect(try live.seq() == 3_001)
        #expect(try silent.seq() == 3_001)
        #expect(!sleeper.isClosedByServer)
        #expect(eventually { server.log.positions["idle"] == 3_001 })
        // Timers that were under way run out; then none is left.
        #expect(try eventually { try waitsForEver("idle") })
    }

    /// Whether a sink's thread waits in epoll_wait(2) or one like it without a limit of time.
    private func waitsForEver(_ sink: String) throws -> Bool {
        for task in try FileManager.default.contentsOfDirectory(atPath: "/proc/self/task") {
            func text(_ file: String) throws -> String {
                try String(contentsOfFile: "/proc/self/task/\(task)/\(file)", encoding: .utf8)
            }
            guard (try? text("comm")) == "sink \(sink)\n" else { continue }
            // The number of the call, its arguments, and where the thread is; or `running`.
            let call = try text("syscall").split(separator: " ")
            return call.count == 9 && call[4].hasSuffix("0xffffffff")
        }
        Issue.record("no thread is that of the sink \(sink)")
        return false
    }

    private func start(_ log: MemoryLog, at seq: Int64) throws -> (SinkRunner, ScriptedSink.Script)
    {
        let script = ScriptedSink.Script()
        let plan = SinkPlan(name: "test:") { opening in ScriptedSink(opening, script) }
        let runner = try SinkRunner(
            plan, positions: log, startingAt: seq, publication: .all, openLog: { log },
            report: script.reports.add)
        try runner.start()
        return (runner, script)
    }
}

/// A sink that delivers everything, or fails as it is told.
private final class ScriptedSink: Sink {
    /// What the sink is told and what it did, for the test's thread.
    final class Script: Sendable {
        struct State {
            var failure: BusError?
            var position: Int64?
            var delivered: Int64 = 0
            var attempts = 0
        }

        let state = Mutex(State())
        let reports = Reports()

        var delivered: Int64 { state.withLock { $0.delivered } }
        var attempts: Int { state.withLock { $0.attempts } }

        func fail(_ failure: BusError?) {
            state.withLock { $0.failure = failure }
        }

        /// Makes the sink claim a position without a look at the log.
        func ignoresLog(_ position: Int64) {
            state.withLock { $0.position = position }
        }
    }

    private(set) var position: Int64
    var drainedPosition: Int64 { position }
    var nextTurn: ContinuousClock.Instant? { nil }
    private let log: any EventLog
    private let script: Script

    init(_ opening: SinkOpening, _ script: Script) {
        log = opening.log
        position = opening.position
        self.script = script
    }

    func turn(_ ready: [ReadyDescriptor], hasNews: Bool) throws(BusError) {
        let (failure, claimed) = script.state.withLock { state in
            state.attempts += 1
            return (state.failure, state.position)
        }
        if let failure { throw failure }
        if let claimed {
            position = claimed
            return
        }
        do throws(TelemetryError) {
            position = try log.bounds().latest
        } catch {
            throw .database(error)
        }
        script.state.withLock { $0.delivered = position }
    }

    func close() {}
}
