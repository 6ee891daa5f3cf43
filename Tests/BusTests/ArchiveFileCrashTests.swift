import Foundation
import Syscalls
import Telemetry
import TestSupport
import Testing

@testable import Bus

struct ArchiveFileCrashTests {
    @Test(arguments: ArchiveFileOptions.Names.allCases)
    func `a rotation that was interrupted at any step is ended by the next start`(
        names: ArchiveFileOptions.Names
    ) throws {
        let bench = try ArchiveBench(maxSize: 1_000)
        bench.options.names = names
        bench.log.append(12)
        let snapshots = try ArchiveSnapshots.deliver(bench)
        let archives = try bench.archives().count
        #expect(archives == 3)
        let steps = Set(snapshots.map(\.step))
        let missing = Set(ArchiveFileRotation.Step.allCases).subtracting(steps)
        #expect(missing == (names == .timestamp ? [.shifted, .marked] : [.marked]))
        bench.atStep = { _ in }
        for snapshot in snapshots {
            try ArchiveSnapshots.restore(snapshot, to: bench)
            try bench.deliver()
            #expect(try rows(bench) == Array(1...12), "after \(snapshot.step)")
            #expect(try isClean(bench), "after \(snapshot.step)")
            #expect(try bench.archives().count == archives)
        }
        #expect(bench.reports.all == [])
    }

    @Test func `any number of crashes in a row leave every row once`() throws {
        let bench = try ArchiveBench(maxSize: 1_000)
        var random = SeededGenerator()
        var rows: Int64 = 0
        for _ in 0..<15 {
            let more = Int.random(in: 1...9, using: &random)
            bench.log.append(more)
            rows += Int64(more)
            let snapshots = try ArchiveSnapshots.deliver(bench)
            if let snapshot = snapshots.randomElement(using: &random) {
                try ArchiveSnapshots.restore(snapshot, to: bench)
            }
        }
        try bench.deliver()
        #expect(try bench.rows() == Array(1...rows))
        #expect(try isClean(bench))
        #expect(bench.reports.all == [])
    }

    @Test func `an archive is marked before it has its name, and never in vain`() throws {
        let bench = try ArchiveBench(maxSize: 1_000)
        bench.options.ship = "false"
        bench.log.append(8)
        let snapshots = try ArchiveSnapshots.deliver(bench)
        bench.atStep = { _ in }
        #expect(snapshots.contains { $0.step == .marked })
        for snapshot in snapshots {
            try ArchiveSnapshots.restore(snapshot, to: bench)
            try bench.deliver()
            #expect(try UnshippedArchives.list(path: bench.path) == bench.archives())
            #expect(try bench.names().count { $0.hasSuffix(".unshipped") } == 2)
            #expect(try bench.rows() == Array(1...8))
        }
    }

    @Test(arguments: ["{", #"{"seq":4,"key":"0123"#, #"{"seq":4}"#])
    func `half a line of ours is cut off`(torn: String) throws {
        let bench = try ArchiveBench()
        bench.log.append(3)
        try bench.deliver()
        try append(torn, to: bench.path)
        bench.log.append(2)
        try bench.deliver()
        #expect(try bench.rows() == Array(1...5))
    }

    @Test(arguments: ["a note", String(repeating: "x", count: 70_000)])
    func `half a line of someone else is given an end`(text: String) throws {
        let bench = try ArchiveBench(maxSize: 0)
        try text.write(toFile: bench.path, atomically: false, encoding: .utf8)
        bench.log.append(2)
        try bench.deliver()
        let lines = try ArchiveBench.lines([bench.path])
        #expect(lines.first == text)
        #expect(try lines.dropFirst().map(BusClientProbe.seq) == [1, 2])
    }

    @Test func `a crash between the last write and the saved position doubles nothing`() throws {
        let bench = try ArchiveBench(maxSize: 1_000)
        bench.log.append(8)
        try bench.deliver()
        bench.log.restore(["file:" + bench.path: 2])
        bench.log.append(1)
        try bench.deliver()
        #expect(try bench.rows() == Array(1...9))
        #expect(bench.log.positions["file:" + bench.path] == 9)
    }

    @Test(arguments: [false, true])
    func `a crash between two writes doubles nothing`(anotherWrites: Bool) throws {
        let bench = try ArchiveBench(maxSize: 0)
        bench.log.append(5)
        try bench.deliver()
        // As if it was killed after its fifth write, of a batch that began with the third.
        let file = try Data(contentsOf: URL(filePath: bench.path))
        let third = file.count / 5 * 2
        var ledger = try ledger(bench)
        let writer = try #require(ledger[2].split(separator: " ").first)
        ledger[1] = "writing \(writer) \(third)"
        ledger[2] = "\(writer) 2 0123456789abcdef0123456789abcdef"
        try write(ledger, bench)
        bench.log.restore(["file:" + bench.path: 2])
        if anotherWrites {
            let other = MemoryLog()
            other.append(6)
            let runner = try bench.start(other, database: "/proc/self/exe")
            #expect(runner.drain(until: .now + .seconds(10)))
            #expect(runner.stop(until: .now + .seconds(10)))
        }
        bench.log.append(1)
        try bench.deliver()
        let others = anotherWrites ? Array(1...6) as [Int64] : []
        #expect(try bench.rows() == [1, 2, 3, 4, 5] + others + [6])
    }

    @Test func `another database with the same rows is not taken for this one`() throws {
        let bench = try ArchiveBench(maxSize: 0)
        bench.log.append(3)
        try bench.deliver()
        let kept = bench.database + ".old"
        try FileManager.default.moveItem(atPath: bench.database, toPath: kept)
        try Data().write(to: URL(filePath: bench.database))
        bench.log.restore([:])
        try bench.deliver()
        #expect(try bench.rows() == [1, 2, 3, 1, 2, 3])
    }

    @Test func `a database that was put back to an older state loses nothing`() throws {
        let bench = try ArchiveBench(maxSize: 0)
        bench.log.append(5)
        try bench.deliver()
        let older = MemoryLog()
        older.append(6) { $0.key = String(repeating: "f", count: 32) }
        older.restore(["file:" + bench.path: 2])
        let runner = try bench.start(older)
        #expect(runner.drain(until: .now + .seconds(10)))
        #expect(runner.stop(until: .now + .seconds(10)))
        #expect(try bench.rows() == [1, 2, 3, 4, 5, 3, 4, 5, 6])
    }

    @Test func `after a power cut only the saved position counts`() throws {
        let bench = try ArchiveBench(maxSize: 0)
        bench.log.append(3)
        try bench.deliver()
        var ledger = try ledger(bench)
        ledger[0] = "logtail-archive 1 another-start 4000000000"
        try write(ledger, bench)
        bench.log.restore(["file:" + bench.path: 1])
        try bench.deliver()
        #expect(try bench.rows() == [1, 2, 3, 2, 3])
        // The second of the newest archive's name still holds.
        #expect(try self.ledger(bench)[0].hasSuffix(" 4000000000"))
    }

    private func rows(_ bench: ArchiveBench) throws -> [Int64] {
        bench.options.names == .timestamp
            ? try bench.rows()
            : try ArchiveBench.lines(bench.archives().reversed() + [bench.path])
                .map(BusClientProbe.seq)
    }

    private func isClean(_ bench: ArchiveBench) throws -> Bool {
        try bench.names().allSatisfy { name in
            name.wholeMatch(of: /events\.ndjson(\.[0-9TZ]+\.gz)?/) != nil
        }
    }

    private func append(_ text: String, to path: String) throws {
        let file = try FileDescriptor(openingToAppend: path)
        try file.writeAll(Array(text.utf8).span)
    }

    /// The records of the ledger.
    private func ledger(_ bench: ArchiveBench) throws -> [String] {
        let text = try String(contentsOfFile: bench.path + ".lock", encoding: .utf8)
        return text.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
    }

    private func write(_ records: [String], _ bench: ArchiveBench) throws {
        let text = records.map { $0.padding(toLength: 127, withPad: " ", startingAt: 0) + "\n" }
        try text.joined().write(
            toFile: bench.path + ".lock", atomically: false, encoding: .utf8)
    }
}
