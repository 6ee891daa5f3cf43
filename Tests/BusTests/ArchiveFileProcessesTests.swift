import Foundation
import Glibc
import TestSupport
import Testing

@testable import Bus

/// Real processes, each with a database of its own, that share one file.
struct ArchiveFileProcessesTests {
    /// The binary that was built with the tests.
    private static let binary = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        .deletingLastPathComponent().appending(path: "logtail")

    private static let isBuilt = FileManager.default.isExecutableFile(atPath: binary.path)

    /// How long the processes go on; `LOGTAIL_SECONDS` asks for more than one round.
    private static let duration = ProcessInfo.processInfo.environment["LOGTAIL_SECONDS"]
        .flatMap { Int($0) }.map { Duration.seconds($0) }

    /// Lines that each process reads in a round.
    private static let lines = duration == nil ? 120 : 2_000

    @Test(.enabled(if: isBuilt, "the logtail binary was not built"), arguments: [false, true])
    func `ten processes on one file keep every line whole and once`(areKilled: Bool) throws {
        let bench = try ArchiveBench(maxSize: 20_000)
        var random = SeededGenerator()
        let sources = (0..<10).map { "source-\($0)" }
        let end = ContinuousClock.now + (Self.duration ?? .zero)
        var lines = 0
        repeat {
            for source in sources {
                try writeLog(bench, source, lines..<lines + Self.lines)
            }
            lines += Self.lines
            try runRound(bench, sources, kills: areKilled ? 15 : 0, &random)
        } while ContinuousClock.now < end
        try expectWhole(bench, sources, lines)
    }

    /// Starts a process for each source, kills some of them, which are started again, and waits
    /// until all have read their logs.
    private func runRound(
        _ bench: ArchiveBench, _ sources: [String], kills: Int, _ random: inout SeededGenerator
    ) throws {
        var running = try sources.map { try start(bench, $0) }
        for _ in 0..<kills {
            let victim = Int.random(in: 0..<10, using: &random)
            let amount = try size(bench) + Int.random(in: 0...30_000, using: &random)
            _ = try eventually { try size(bench) >= amount || !running[victim].isRunning }
            kill(running[victim].processIdentifier, SIGKILL)
            running[victim].waitUntilExit()
            running[victim] = try start(bench, sources[victim])
        }
        for process in running {
            process.waitUntilExit()
            #expect(process.terminationStatus == 0)
        }
    }

    private func expectWhole(_ bench: ArchiveBench, _ sources: [String], _ lines: Int) throws {
        var seqs: [String: [Int]] = [:]
        var breaches: [String: Int] = [:]
        for line in try ArchiveBench.lines(bench.archives() + [bench.path]) {
            let object = try #require(
                try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any],
                "half a line: \(line)")
            let source = try #require(object["source"] as? String)
            seqs[source, default: []].append(try #require(object["seq"] as? Int))
            breaches[source, default: 0] += object["kind"] as? String == "overhead" ? 1 : 0
        }
        for source in sources {
            let found = seqs[source] ?? []
            #expect(found == Array(1...found.count), "\(source)")
            #expect(breaches[source] == lines)
        }
        #expect(try bench.archives().count > 10)
    }

    /// Appends lines to the log of a source, sixty of them a second.
    private func writeLog(_ bench: ArchiveBench, _ source: String, _ range: Range<Int>) throws {
        let lines = range.map { index in
            let time = [8 + index / 216_000, index / 3_600 % 60, index / 60 % 60]
                .map { $0 < 10 ? "0\($0)" : "\($0)" }.joined(separator: ":")
            return "127.0.0.1 - - [13/Jun/2026:\(time) +0000] "
                + "\"GET /\(source)/\(index) HTTP/1.1\" 200 1 rt=1.500\n"
        }
        let path = "\(bench.folder.path)/\(source).log"
        if range.lowerBound == 0 { _ = FileManager.default.createFile(atPath: path, contents: nil) }
        let file = try FileHandle(forWritingTo: URL(filePath: path))
        try file.seekToEnd()
        try file.write(contentsOf: Data(lines.joined().utf8))
        try file.close()
    }

    private func start(_ bench: ArchiveBench, _ source: String) throws -> Process {
        let process = Process()
        process.executableURL = Self.binary
        process.arguments = [
            "run", "--observer", "nginx", "--source", source, "--threshold-ms", "1",
            "--publish", "all", "--from-start", "--once", "--drain-timeout-ms", "60000",
            "--db", "\(bench.folder.path)/\(source).sqlite",
            "--bus", "file:\(bench.path)?max-size=\(bench.options.maxSize)&max-files=0",
            "\(bench.folder.path)/\(source).log",
        ]
        process.standardError = FileHandle.nullDevice
        try process.run()
        return process
    }

    private func size(_ bench: ArchiveBench) throws -> Int {
        let archived = try bench.archives().count * Int(bench.options.maxSize)
        let live = (try? Data(contentsOf: URL(filePath: bench.path)).count) ?? 0
        return archived + live
    }
}
