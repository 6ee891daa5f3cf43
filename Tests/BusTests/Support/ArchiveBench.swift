import Foundation
import Syscalls
import Telemetry
import TestSupport
import Testing

@testable import Bus

/// An archive in a folder of its own, a log, and what came out of them.
final class ArchiveBench {
    let log = MemoryLog()
    let reports = Reports()
    let folder: TemporaryFolder
    /// Where the archive lies in it.
    private let place: String
    var options = ArchiveFileOptions()
    var limits = ArchiveFileSink.Limits()
    var atStep: @Sendable (ArchiveFileRotation.Step) -> Void = { _ in }
    var publication = Publication.all

    /// Every row of the log takes a few hundred bytes.
    init(
        maxSize: Int64 = 4_096, folder: TemporaryFolder? = nil, subfolder: String? = nil
    ) throws {
        self.folder = try folder ?? TemporaryFolder()
        place = self.folder.path + (subfolder.map { "/" + $0 } ?? "")
        try FileManager.default.createDirectory(
            atPath: place, withIntermediateDirectories: true)
        options.maxSize = maxSize
        options.maxFiles = 0
        limits.lockRetry = .milliseconds(1)
        _ = FileManager.default.createFile(atPath: database, contents: nil)
    }

    var path: String { place + "/events.ndjson" }
    var database: String { folder.path + "/t.sqlite" }

    func start(_ other: MemoryLog? = nil, database: String? = nil) throws -> SinkRunner {
        let log = other ?? log
        let plan = ArchiveFileSink.plan(
            path: path, database: database ?? self.database, options: options, limits: limits,
            atStep: atStep)
        let runner = try SinkRunner(
            plan, positions: log, startingAt: 0, publication: publication, openLog: { log },
            report: reports.add)
        try runner.start()
        return runner
    }

    /// Delivers everything there is and ends.
    func deliver() throws {
        let runner = try start()
        #expect(runner.drain(until: .now + .seconds(10)), "\(reports.all)")
        #expect(runner.stop(until: .now + .seconds(10)))
    }

    /// The names beside the file, what belongs to the bench left out.
    func names() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: place)
            .filter { $0.hasPrefix("events.ndjson") && !$0.hasSuffix(".lock") }.sorted()
    }

    func archives() throws -> [String] {
        try names().filter { $0.hasSuffix(".gz") }.map { place + "/" + $0 }
    }

    /// The lines of some files, gzipped or not, one after the other.
    static func lines(_ paths: [String]) throws -> [String] {
        guard !paths.isEmpty else { return [] }
        let process = Process()
        process.executableURL = URL(filePath: "/bin/sh")
        process.arguments = ["-c", #"for f; do gzip -dcf "$f" || exit 1; done"#, "sh"] + paths
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let data = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0, "an archive is damaged")
        #expect(data.isEmpty || data.last == UInt8(ascii: "\n"))
        return String(decoding: data, as: UTF8.self).split(separator: "\n").map(String.init)
    }

    /// The `seq` of every line in the archives, oldest first, and in the file.
    func rows() throws -> [Int64] {
        try Self.lines(archives() + [path]).map(BusClientProbe.seq)
    }

    func bytes(_ path: String) throws -> Int {
        try Data(contentsOf: URL(filePath: path)).count
    }
}
