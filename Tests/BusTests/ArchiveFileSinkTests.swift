import Foundation
import Syscalls
import Telemetry
import TestSupport
import Testing

@testable import Bus

struct ArchiveFileSinkTests {
    @Test func `every row is a line, over any number of runs`() throws {
        let bench = try ArchiveBench(maxSize: 0)
        bench.log.append(3)
        try bench.deliver()
        bench.log.append(300)
        try bench.deliver()
        try bench.deliver()
        #expect(try bench.rows() == Array(1...303))
        #expect(try bench.names() == ["events.ndjson"])
        #expect(bench.log.positions["file:" + bench.path] == 303)
        #expect(bench.reports.all == [])
        let mode = try FileManager.default.attributesOfItem(atPath: bench.path)
        #expect(mode[.posixPermissions] as? Int == 0o600)
    }

    @Test func `the file is rotated before the line that would pass the limit`() throws {
        let bench = try ArchiveBench(maxSize: 2_000)
        bench.log.append(50) {
            $0.detail = #"{"x":""# + String(repeating: "y", count: 900) + #""}"#
        }
        try bench.deliver()
        let line = EventLine.bytes(try #require(try bench.log.events(after: 49, limit: 1).first))
        #expect(line.count * 2 > 2_000 && line.count < 2_000)
        let archives = try bench.archives()
        #expect(archives.count == 49)
        for archive in archives { #expect(try ArchiveBench.lines([archive]).count == 1) }
        #expect(try bench.rows() == Array(1...50))
        #expect(bench.reports.all == [])
    }

    @Test func `archives are found in a folder of any name`() throws {
        let bench = try ArchiveBench(maxSize: 10, subfolder: "für alle/a\u{301}")
        bench.options.maxFiles = 2
        bench.log.append(9)
        try bench.deliver()
        #expect(try bench.archives().count == 2)
    }

    @Test func `a line that fills the file exactly is still in it`() throws {
        let bench = try ArchiveBench()
        bench.log.append(9)
        let sizes = try bench.log.events(after: 0, limit: 9).map { EventLine.bytes($0).count }
        bench.options.maxSize = Int64(sizes[..<3].reduce(0, +))
        try bench.deliver()
        #expect(try bench.archives().count == 2)
        #expect(try bench.bytes(bench.path) == sizes[6...].reduce(0, +))
    }

    @Test func `a line longer than the limit has a file to itself`() throws {
        let bench = try ArchiveBench(maxSize: 10)
        bench.log.append(3)
        try bench.deliver()
        #expect(try bench.archives().count == 2)
        #expect(try bench.rows() == [1, 2, 3])
    }

    @Test func `names are times in order, none of them twice`() throws {
        let bench = try ArchiveBench(maxSize: 10)
        bench.log.append(7)
        let before = ArchiveFileNames.stamp(Clock.wall / 1_000_000_000)
        try bench.deliver()
        let stamps = try bench.archives().map { $0.dropLast(3).suffix(16) }
        #expect(Set(stamps).count == 6)
        #expect(try #require(stamps.first) >= before)
        #expect(try bench.rows() == Array(1...7))
        for stamp in stamps {
            #expect(stamp.wholeMatch(of: /\d{8}T\d{6}Z/) != nil, "\(stamp)")
        }
    }

    @Test func `a name is not given again though its archive was moved away`() throws {
        let bench = try ArchiveBench(maxSize: 10)
        bench.log.append(2)
        try bench.deliver()
        let first = try #require(try bench.archives().first)
        try FileManager.default.removeItem(atPath: first)
        bench.log.append(1)
        try bench.deliver()
        #expect(try #require(try bench.archives().first) > first)
    }

    @Test func `numbered archives are younger the lower their number`() throws {
        let bench = try ArchiveBench(maxSize: 10)
        bench.options.names = .numbered
        bench.options.maxFiles = 3
        bench.log.append(12)
        try bench.deliver()
        #expect(
            try bench.names() == [
                "events.ndjson", "events.ndjson.1.gz", "events.ndjson.2.gz",
                "events.ndjson.3.gz",
            ])
        #expect(try ArchiveBench.lines([bench.path + ".3.gz"]).map(BusClientProbe.seq) == [9])
        #expect(try ArchiveBench.lines([bench.path + ".1.gz"]).map(BusClientProbe.seq) == [11])
    }

    @Test(arguments: [1, 2, 5])
    func `only so many archives are kept, the youngest`(count: Int64) throws {
        let bench = try ArchiveBench(maxSize: 10)
        bench.options.maxFiles = count
        bench.log.append(10)
        try bench.deliver()
        #expect(try bench.rows() == Array(10 - count...10))
    }

    @Test func `only so many bytes of archives are kept, the youngest`() throws {
        let bench = try ArchiveBench(maxSize: 10)
        bench.log.append(10)
        try bench.deliver()
        let sizes = try bench.archives().map { try bench.bytes($0) }
        bench.options.maxTotal = Int64(sizes.suffix(4).reduce(0, +))
        // Limits that became tighter hold from the start.
        try bench.deliver()
        #expect(try bench.rows() == Array(6...10))
        bench.options.maxTotal = 1
        try bench.deliver()
        #expect(try bench.rows() == [10])
    }

    @Test func `other files beside it are left alone`() throws {
        let bench = try ArchiveBench(maxSize: 10)
        bench.options.maxFiles = 1
        let others = [
            "events.ndjson.gz", "events.ndjson.20261399T000000Z.gz", "events.ndjson.old.gz",
            "events.ndjson.1.gz", "events.ndjson.20260101T000000Z", "events.20260101T000000Z.gz",
        ]
        for name in others {
            _ = FileManager.default.createFile(
                atPath: bench.folder.path + "/" + name, contents: nil)
        }
        bench.log.append(3)
        try bench.deliver()
        let names = try FileManager.default.contentsOfDirectory(atPath: bench.folder.path)
        #expect(Set(names).isSuperset(of: others))
        #expect(names.count == others.count + 4)  // file, archive, lock, database
    }

    @Test func `breaches are left out unless they are published`() throws {
        let bench = try ArchiveBench()
        bench.publication = .episodes
        bench.log.append(5) { $0.kind = $0.seq == 2 ? "stall_episode" : "overhead" }
        try bench.deliver()
        #expect(try bench.rows() == [2])
        #expect(bench.log.positions["file:" + bench.path] == 5)
    }

    @Test func `the fields of an event win over those of its detail`() throws {
        let bench = try ArchiveBench()
        bench.log.append(1) {
            $0.detail = #"{"ts":"x","event":"x","source":"x","kind":"x","seq":9,"key":"x"}"#
        }
        try bench.deliver()
        let line = try #require(try ArchiveBench.lines([bench.path]).first)
        let object = try #require(
            try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        #expect(object["ts"] as? String == "2026-06-13T08:55:01.123Z")
        #expect(object["event"] as? String == "log.overhead")
        #expect(object["source"] as? String == "headroom-proxy")
        #expect(object["kind"] as? String == "stall_episode")
        #expect((object["detail"] as? [String: Any])?["ts"] as? String == "x")
    }

    @Test func `a symlink leads to the file that is rotated`() throws {
        let bench = try ArchiveBench(maxSize: 10)
        let real = bench.folder.path + "/real.ndjson"
        _ = FileManager.default.createFile(atPath: real, contents: nil)
        try FileManager.default.createSymbolicLink(
            atPath: bench.path, withDestinationPath: real)
        bench.log.append(2)
        try bench.deliver()
        #expect(try bench.names() == ["events.ndjson"])
        #expect(try ArchiveBench.lines([bench.path]).map(BusClientProbe.seq) == [2])
    }

    @Test func `a folder that is missing is made, one at the path is refused`() throws {
        let bench = try ArchiveBench()
        try FileManager.default.createDirectory(
            atPath: bench.path, withIntermediateDirectories: true)
        let error = #expect(throws: BusError.self) { try bench.start() }
        #expect("\(String(describing: error))".contains("Is a directory"))
        let deep = try ArchiveBench()
        let plan = ArchiveFileSink.plan(
            path: deep.folder.path + "/a/b/c", database: deep.database, options: deep.options)
        let runner = try SinkRunner(
            plan, positions: deep.log, startingAt: 0, publication: .all,
            openLog: { [log = deep.log] in log }, report: deep.reports.add)
        try runner.start()
        #expect(FileManager.default.fileExists(atPath: deep.folder.path + "/a/b/c"))
        #expect(runner.stop(until: .now + .seconds(10)))
    }

    @Test func `a symlink that leads nowhere is refused, and a lock file that is not ours`() throws
    {
        let bench = try ArchiveBench()
        try FileManager.default.createSymbolicLink(
            atPath: bench.path, withDestinationPath: bench.folder.path + "/nowhere")
        let error = #expect(throws: BusError.self) { try bench.start() }
        #expect("\(String(describing: error))".contains("leads nowhere"))
        let other = try ArchiveBench()
        let note = String(repeating: "not a ledger ", count: 20)
        try note.write(toFile: other.path + ".lock", atomically: false, encoding: .utf8)
        let refusal = #expect(throws: BusError.self) { try other.start() }
        #expect("\(String(describing: refusal))".contains("\(other.path).lock as its lock"))
        #expect(try String(contentsOfFile: other.path + ".lock", encoding: .utf8) == note)
    }

    @Test(arguments: [Int64.max, .min, 253_402_300_799])
    func `a second that no archive can be named after counts for nothing`(second: Int64) throws {
        let bench = try ArchiveBench(maxSize: 10)
        let head = "logtail-archive 1 \(MachineStart.identifier) \(second)"
        let padding = String(repeating: " ", count: 127 - head.utf8.count)
        try "\(head)\(padding)\n".write(
            toFile: bench.path + ".lock", atomically: false, encoding: .utf8)
        let before = ArchiveFileNames.stamp(Clock.wall / 1_000_000_000)
        bench.log.append(2)
        try bench.deliver()
        let archive = try #require(try bench.archives().first)
        #expect(archive >= "\(bench.path).\(before).gz")
        #expect(archive.count == "\(bench.path).\(before).gz".count && archive.contains(".20"))
    }

    @Test func `a lock that is held is waited for, and told of when that takes long`() throws {
        let bench = try ArchiveBench()
        bench.limits.lockPatience = .milliseconds(50)
        let lock = try FileDescriptor(openingToUpdate: bench.path + ".lock")
        #expect(try lock.tryLock())
        bench.log.append(3)
        let runner = try bench.start()
        #expect(eventually { "\(bench.reports.all)".contains("holds \(bench.path).lock") })
        lock.unlock()
        #expect(runner.drain(until: .now + .seconds(10)))
        #expect(eventually { bench.reports.all.last == .recovered(sink: runner.name) })
        #expect(runner.stop(until: .now + .seconds(10)))
        #expect(try bench.rows() == [1, 2, 3])
    }

    @Test func `a file or a lock file that is taken away is made again`() throws {
        let bench = try ArchiveBench()
        let runner = try bench.start()
        bench.log.append(1)
        runner.wake()
        #expect(runner.drain(until: .now + .seconds(10)))
        try FileManager.default.moveItem(atPath: bench.path, toPath: bench.path + ".moved")
        try FileManager.default.removeItem(atPath: bench.path + ".lock")
        bench.log.append(1)
        runner.wake()
        #expect(runner.drain(until: .now + .seconds(10)))
        #expect(try bench.rows() == [2])
        #expect(FileManager.default.fileExists(atPath: bench.path + ".lock"))
        #expect(runner.stop(until: .now + .seconds(10)))
    }

    @Test func `nothing wakes an idle archive`() throws {
        let bench = try ArchiveBench()
        bench.limits.syncInterval = .milliseconds(500)
        let runner = try bench.start()
        bench.log.append(3)
        runner.wake()
        #expect(eventually { bench.log.positions[runner.name] == 3 })
        let sink = try ArchiveFileSink(
            SinkOpening(
                log: bench.log, poller: try Poller(capacity: 4), position: 0, publication: .all),
            path: bench.folder.path + "/other", database: bench.database, options: bench.options,
            limits: bench.limits, atStep: { _ in })
        try sink.turn([], hasNews: true)
        #expect(sink.position == 0 && sink.nextTurn != nil)
        #expect(
            try eventually {
                try sink.turn([], hasNews: false)
                return sink.position == 3
            })
        #expect(sink.nextTurn == nil)
        #expect(runner.stop(until: .now + .seconds(10)))
    }

    @Test(arguments: ArchiveFileOptions.Sync.allCases)
    func `the position waits for the disk as fsync says`(sync: ArchiveFileOptions.Sync) throws {
        let bench = try ArchiveBench()
        bench.options.sync = sync
        bench.limits.syncInterval = .seconds(1_000)
        bench.log.append(3)
        let sink = try ArchiveFileSink(
            SinkOpening(
                log: bench.log, poller: try Poller(capacity: 4), position: 0, publication: .all),
            path: bench.path, database: bench.database, options: bench.options,
            limits: bench.limits, atStep: { _ in })
        try sink.turn([], hasNews: true)
        #expect(sink.position == (sync == .interval ? 0 : 3))
        #expect(sink.drainedPosition == 3)
        sink.close()
        #expect(sink.position == 3)
    }
}
