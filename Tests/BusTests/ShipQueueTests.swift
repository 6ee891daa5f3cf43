import Foundation
import Glibc
import Syscalls
import TestSupport
import Testing

@testable import Bus

struct ShipQueueTests {
    @Test func `each archive is given to the command, oldest first`() throws {
        let bench = try ArchiveBench(maxSize: 10)
        let list = bench.folder.path + "/list"
        bench.options.ship = "echo >>\(list)"
        bench.log.append(5)
        try deliverAndShip(bench)
        #expect(try lines(list) == bench.archives())
        #expect(try UnshippedArchives.list(path: bench.path) == [])
        #expect(bench.reports.all == [])
    }

    @Test func `the path is an argument, whatever is in it`() throws {
        let bench = try ArchiveBench(maxSize: 10)
        let list = bench.folder.path + "/list"
        let path = bench.folder.path + "/a '$(touch x)\" b;c"
        bench.options.ship = #"printf '%s|%s\n' "$#" "$1" >>'\#(list)' ; : "#
        bench.log.append(2)
        let plan = ArchiveFileSink.plan(
            path: path, database: bench.database, options: bench.options)
        let runner = try SinkRunner(
            plan, positions: bench.log, startingAt: 0, publication: .all,
            openLog: { [log = bench.log] in log }, report: bench.reports.add)
        try runner.start()
        #expect(try eventually { try UnshippedArchives.list(path: path) == [] && hasFile(list) })
        #expect(runner.stop(until: .now + .seconds(10)))
        let line = try #require(try lines(list).first)
        #expect(line.hasPrefix("1|\(path).2") && line.hasSuffix(".gz"))
    }

    @Test func `a failure is told once, and tried again at the next rotation`() throws {
        let bench = try ArchiveBench(maxSize: 10)
        let (list, flag) = (bench.folder.path + "/list", bench.folder.path + "/flag")
        bench.options.ship = "test -e \(flag) && echo >>\(list)"
        bench.log.append(2)
        let runner = try bench.start()
        #expect(eventually { bench.reports.all.count == 1 })
        let first = try #require(try bench.archives().first)
        #expect(
            bench.reports.all == [
                .failing(sink: runner.name, Self.failure(bench))
            ])
        #expect(try UnshippedArchives.list(sink: runner.name) == [first])
        // Rows are delivered all the same.
        #expect(try eventually { try bench.bytes(bench.path) > 0 })
        _ = FileManager.default.createFile(atPath: flag, contents: nil)
        bench.log.append(1)
        runner.wake()
        #expect(try eventually { try UnshippedArchives.list(path: bench.path) == [] })
        #expect(try lines(list) == bench.archives())
        #expect(eventually { bench.reports.all.last == .recovered(sink: runner.name) })
        #expect(runner.stop(until: .now + .seconds(10)))
    }

    @Test func `what is not shipped is shipped at the next start`() throws {
        let bench = try ArchiveBench(maxSize: 10)
        let list = bench.folder.path + "/list"
        bench.options.ship = "false"
        bench.log.append(4)
        try bench.deliver()
        let archives = try bench.archives()
        #expect(try UnshippedArchives.list(path: bench.path) == archives)
        bench.options.ship = "echo >>\(list)"
        try deliverAndShip(bench)
        #expect(try lines(list) == archives)
    }

    @Test func `a command that hangs is killed, with what it started`() throws {
        let bench = try ArchiveBench(maxSize: 10)
        let pids = bench.folder.path + "/pids"
        bench.options.ship = "{ sh -c 'echo $$ >>\(pids); exec tail -f /dev/null' & wait; }; :"
        bench.limits.shipTime = .milliseconds(300)
        bench.log.append(2)
        let runner = try bench.start()
        #expect(eventually { bench.reports.all.count == 1 })
        #expect("\(bench.reports.all)".contains("it took longer than"))
        let pid = try #require(try lines(pids).first.flatMap { Int32($0) })
        #expect(eventually { kill(pid, 0) != 0 || isDead(pid) })
        // It holds up nothing.
        #expect(try bench.rows() == [1, 2])
        #expect(runner.stop(until: .now + .seconds(10)))
    }

    @Test func `a command that still runs when the sink stops is killed`() throws {
        let bench = try ArchiveBench(maxSize: 10)
        let pids = bench.folder.path + "/pids"
        bench.options.ship = "echo $$ >>\(pids); exec tail -f /dev/null"
        bench.log.append(2)
        let runner = try bench.start()
        #expect(eventually { hasFile(pids) })
        #expect(runner.drain(until: .now + .milliseconds(20)) == false)
        #expect(runner.stop(until: .now + .seconds(10)))
        let pid = try #require(try lines(pids).first.flatMap { Int32($0) })
        #expect(eventually { kill(pid, 0) != 0 || isDead(pid) })
        #expect(try UnshippedArchives.list(path: bench.path).count == 1)
    }

    @Test func `the command starts with no signal blocked or ignored and nothing open`() throws {
        let bench = try ArchiveBench(maxSize: 10)
        let list = bench.folder.path + "/list"
        bench.options.ship =
            "grep -hE 'Sig(Blk|Ign)' /proc/self/status >\(list); ls /proc/self/fd >>\(list); :"
        bench.log.append(2)
        try deliverAndShip(bench)
        let found = try lines(list)
        for line in found.prefix(2) {
            let signals = try #require(UInt64(line.suffix(16), radix: 16))
            // The C library keeps signals 32 and 33 for itself.
            #expect(signals & 0x7fff_ffff == 0, "\(line)")
        }
        // The three standard streams, and the folder that ls reads.
        #expect(found.dropFirst(2) == ["0", "1", "2", "3"])
    }

    @Test func `an archive that is being shipped is left to whoever does it`() throws {
        let bench = try ArchiveBench(maxSize: 10)
        bench.options.ship = "false"
        bench.log.append(3)
        try bench.deliver()
        let archives = try bench.archives()
        let marker = try FileDescriptor(openingToRead: archives[0] + ".unshipped")
        #expect(try marker.tryLock())
        let list = bench.folder.path + "/list"
        bench.options.ship = "echo >>\(list)"
        try deliverAndShip(bench, left: 1)
        #expect(try lines(list) == [archives[1]])
        marker.unlock()
    }

    @Test func `the limits of what is kept win, and that is told`() throws {
        let bench = try ArchiveBench(maxSize: 10)
        bench.options.ship = "false"
        bench.options.maxFiles = 1
        bench.log.append(5)
        try bench.deliver()
        #expect(try bench.rows() == [4, 5])
        #expect("\(bench.reports.all)".contains("with 2 more, before it was shipped"))
        #expect(try UnshippedArchives.list(path: bench.path) == bench.archives())
        #expect(try UnshippedArchives.list(sink: "unix:" + bench.path) == [])
    }

    @Test func `a command that always fails is told once, each archive it costs once`() throws {
        let bench = try ArchiveBench(maxSize: 10)
        bench.options.ship = "false"
        bench.options.maxFiles = 1
        bench.log.append(2)
        let runner = try bench.start()
        #expect(eventually { bench.reports.all.count == 1 })
        var expected: [SinkReport] = [.failing(sink: runner.name, Self.failure(bench))]
        for _ in 0..<3 {
            expected.append(.removed(sink: runner.name, archives: try bench.archives()))
            bench.log.append(1)
            runner.wake()
            #expect(runner.drain(until: .now + .seconds(10)))
            #expect(eventually { bench.reports.all.count == expected.count })
        }
        #expect(bench.reports.all == expected)
        #expect(runner.stop(until: .now + .seconds(10)))
        #expect(expected.allSatisfy { !"\($0)".contains("0 more") })
        #expect("\(expected[1])".hasSuffix("see why ship fails"))
    }

    @Test func `nothing is said of a command that fails once its archive is gone`() throws {
        let bench = try ArchiveBench(maxSize: 10)
        let (pids, list) = (bench.folder.path + "/pids", bench.folder.path + "/list")
        // The first archive's command waits to be ended.
        bench.options.ship =
            "test -e \(pids) && { echo >>\(list) \"$1\"; exit 0; }; echo $$ >>\(pids); "
            + "exec tail -f /dev/null"
        bench.options.maxFiles = 1
        bench.log.append(2)
        let runner = try bench.start()
        #expect(eventually { hasFile(pids) })
        let first = try bench.archives()
        bench.log.append(1)
        runner.wake()
        #expect(eventually { bench.reports.all.count == 1 })
        let pid = try #require(try lines(pids).first.flatMap { Int32($0) })
        #expect(kill(pid, SIGKILL) == 0)
        // The next one goes at once.
        #expect(try eventually { try hasFile(list) && lines(list) == bench.archives() })
        #expect(bench.reports.all == [.removed(sink: runner.name, archives: first)])
        #expect(runner.stop(until: .now + .seconds(10)))
    }

    /// What is told of a command that ends with 1.
    private static func failure(_ bench: ArchiveBench) -> BusError {
        .failed(
            verb: "ship archives of", object: bench.path,
            reason: "exit status 1; see why the command of ship fails")
    }

    private func deliverAndShip(_ bench: ArchiveBench, left: Int = 0) throws {
        let runner = try bench.start()
        #expect(runner.drain(until: .now + .seconds(10)))
        #expect(try eventually { try UnshippedArchives.list(path: bench.path).count == left })
        #expect(runner.stop(until: .now + .seconds(10)))
    }

    private func lines(_ path: String) throws -> [String] {
        try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map(String.init)
    }

    private func hasFile(_ path: String) -> Bool {
        (try? Data(contentsOf: URL(filePath: path)).isEmpty) == false
    }

    /// Killed, though nobody has collected it yet.
    private func isDead(_ pid: Int32) -> Bool {
        (try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8))?.contains(") Z ")
            ?? true
    }
}
