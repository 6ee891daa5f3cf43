import Foundation
import Glibc
import Telemetry
import Testing

@testable import Bus

struct StdoutSinkTests {
    private let log = MemoryLog()
    private let pipe = Pipe()
    private let reports = Reports()

    @Test func `rows after the position are written, one line each`() throws {
        log.append(10)
        let runner = try start(at: 7)
        #expect(try lines(3).map(BusClientProbe.seq) == [8, 9, 10])
        log.append(2)
        runner.wake()
        #expect(try lines(2).map(BusClientProbe.seq) == [11, 12])
        #expect(eventually { log.positions["stdout:"] == 12 })
        #expect(runner.stop(until: .now + .seconds(10)))
    }

    @Test func `rows that come a few at a time all come`() throws {
        log.limitPages(to: 3)
        log.append(10)
        let runner = try start(at: 0)
        #expect(try lines(10).map(BusClientProbe.seq) == Array(1...10))
        #expect(runner.drain(until: .now + .seconds(10)))
        #expect(log.positions["stdout:"] == 10)
        #expect(runner.stop(until: .now + .seconds(10)))
    }

    @Test func `breaches are left out unless they are published`() throws {
        log.append(3) { $0.kind = $0.seq == 2 ? "stall_episode" : "overhead" }
        let episodes = try start(at: 0)
        #expect(try lines(1).map(BusClientProbe.seq) == [2])
        #expect(eventually { log.positions["stdout:"] == 3 })
        #expect(episodes.stop(until: .now + .seconds(10)))
        let all = try start(at: 0, name: "stdout:all", publication: .all)
        #expect(try lines(3).map(BusClientProbe.seq) == [1, 2, 3])
        #expect(all.stop(until: .now + .seconds(10)))
    }

    @Test func `it goes on where it stopped`() throws {
        log.append(5)
        let first = try start(at: 3)
        #expect(try lines(2).map(BusClientProbe.seq) == [4, 5])
        #expect(first.stop(until: .now + .seconds(10)))
        log.append(2)
        // The position it has wins over where a new sink would start.
        let second = try start(at: 7)
        #expect(try lines(2).map(BusClientProbe.seq) == [6, 7])
        #expect(second.stop(until: .now + .seconds(10)))
    }

    @Test(arguments: [true, false])
    func `a full pipe is waited for, and no byte is lost`(isNonblocking: Bool) throws {
        let number = pipe.fileHandleForWriting.fileDescriptor
        if isNonblocking { #expect(fcntl(number, F_SETFL, O_NONBLOCK) == 0) }
        log.append(2_000)
        log.append(3) { $0.detail = #"{"x":""# + String(repeating: "a", count: 60_000) + #""}"# }
        let runner = try start(at: 0)
        #expect(runner.drain(until: .now + .milliseconds(20)) == false)
        #expect(try lines(2_003).map(BusClientProbe.seq) == Array(1...2_003))
        #expect(runner.drain(until: .now + .seconds(10)))
        #expect(runner.stop(until: .now + .seconds(10)))
        #expect(reports.all == [])
    }

    @Test func `a reader that is gone ends the sink, and its position stays`() throws {
        log.append(1)
        let runner = try start(at: 0)
        #expect(try lines(1).count == 1)
        #expect(eventually { log.positions["stdout:"] == 1 })
        try pipe.fileHandleForReading.close()
        log.append(1)
        runner.wake()
        #expect(eventually { !reports.all.isEmpty })
        #expect(
            reports.all == [.ended(sink: "stdout:", .readerGone(sink: "stdout:"))])
        #expect(runner.stop(until: .now + .seconds(10)))
        #expect(log.positions["stdout:"] == 1)
        #expect(runner.drain(until: .now + .seconds(10)) == false)
    }

    @Test func `it is drained though the newest rows were pruned`() throws {
        log.append(5)
        let runner = try start(at: 0)
        #expect(try lines(5).count == 5)
        log.append(5)
        log.prune(through: 10)
        #expect(runner.drain(until: .now + .seconds(10)))
        #expect(log.positions["stdout:"] == 10)
        #expect(runner.stop(until: .now + .seconds(10)))
    }

    private func start(
        at position: Int64, name: String = "stdout:", publication: Publication = .episodes
    ) throws -> SinkRunner {
        let number = pipe.fileHandleForWriting.fileDescriptor
        let log = log
        let runner = try SinkRunner(
            StdoutSink.plan(name: name, number: number), positions: log, startingAt: position,
            publication: publication, openLog: { log }, report: reports.add)
        try runner.start()
        return runner
    }

    /// The next lines of the pipe.
    private func lines(_ count: Int) throws -> [String] {
        var bytes: [UInt8] = []
        var newlines = 0
        var chunk = [UInt8](repeating: 0, count: 4_096)
        let number = pipe.fileHandleForReading.fileDescriptor
        while newlines < count {
            var request = pollfd(fd: number, events: Int16(POLLIN), revents: 0)
            // SAFETY: one request is passed.
            try #require(unsafe poll(&request, 1, 10_000) == 1, "nothing came in time")
            // SAFETY: the kernel writes at most the count it is given.
            let read = unsafe Glibc.read(number, &chunk, chunk.count)
            try #require(read > 0)
            bytes += chunk[..<read]
            newlines += chunk[..<read].count { $0 == UInt8(ascii: "\n") }
        }
        #expect(bytes.last == UInt8(ascii: "\n"))
        return bytes.split(separator: UInt8(ascii: "\n")).map {
            String(decoding: $0, as: UTF8.self)
        }
    }
}
