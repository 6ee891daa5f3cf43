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

    @Test(.enabled(if: isBuilt, "the logtail binary was not built"), arguments: [false, true])
    func `ten processes on one file keep every line whole and once`(areKilled: Bool) throws {
        let bench = try ArchiveBench(maxSize: 20_000)
        var random = SeededGenerator()
        let lines = 120
        let sources = (0..<10).map { "source-\($0)" }
        for source in sources { try writeLog(bench, source, lines) }
        var running = try sources.map { try start(bench, $0) }
        if areKilled {
            for _ in 0..<15 {
                let victim = Int.random(in: 0..<10, using: &random)
                let amount = try size(bench) + Int.random(in: 0...30_000, using: &random)
                _ = try eventually { try size(bench) >= amount || !running[victim].isRunning }
                kill(running[victim].processIdentifier, SIGKILL)
                running[victim].waitUntilExit()
                running[victim] = try start(bench, sources[victim])
            }
        }
        for process in running {
            process.waitUntilExit()
            #expect(process.terminationStatus == 0)
        }
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

    private func writeLog(_ bench: ArchiveBench, _ source: String, _ count: Int) throws {
        let lines = (0..<count).map { index in
            "127.0.0.1 - - [13/Jun/2026:08:5\(index / 60):\(index % 60 / 10)\(index % 10) +0000] "
                + "\"GET /\(source)/\(index) HTTP/1.1\" 200 1 rt=1.500\n"
        }
        try lines.joined().write(
            toFile: "\(bench.folder.path)/\(source).log", atomically: false, encoding: .utf8)
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
