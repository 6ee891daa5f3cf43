import Foundation
import Glibc
import Telemetry
import TestSupport
import Testing

@testable import Bus

/// Disks that are full and folders that may not be written.
struct ArchiveFileDiskTests {
    /// A file system of a few hundred KiB, where this process may mount one.
    private final class SmallDisk {
        let folder: TemporaryFolder

        init?() {
            guard let folder = try? TemporaryFolder() else { return nil }
            self.folder = folder
            // SAFETY: all strings outlive the call.
            let isMounted = unsafe mount("tmpfs", folder.path, "tmpfs", 0, "size=256k") == 0
            guard isMounted else { return nil }
        }

        deinit {
            // SAFETY: the string outlives the call.
            _ = unsafe umount2(folder.path, Int32(MNT_DETACH))
        }
    }

    private static let mayMount = SmallDisk() != nil

    @Test(.enabled(if: mayMount, "mounting a small disk takes root"))
    func `a full disk is told of, and loses and doubles nothing`() throws {
        let disk = try #require(SmallDisk())
        let bench = try ArchiveBench(maxSize: 40_000, folder: disk.folder)
        bench.limits.rotationRetry = .zero
        let filler = bench.folder.path + "/filler"
        try Data(count: 130_000).write(to: URL(filePath: filler))
        let runner = try bench.start()
        // Rows that do not compress.
        var random = SeededGenerator()
        bench.log.append(400) { event in
            let noise = (0..<25).map { _ in String(random.next(), radix: 36) }.joined()
            event.detail = #"{"x":"\#(noise)"}"#
        }
        runner.wake()
        #expect(eventually { "\(bench.reports.all)".contains("No space left on device") })
        #expect(runner.stop(until: .now + .seconds(10)))
        let written = try bench.rows()
        #expect(written.count < 400)
        #expect(written == Array(1...Int64(written.count)))
        try FileManager.default.removeItem(atPath: filler)
        try bench.deliver()
        #expect(try bench.rows() == Array(1...400))
    }

    @Test(.enabled(if: mayMount, "mounting a small disk takes root"))
    func `a rotation that fails goes on in the same file and is tried again`() throws {
        let disk = try #require(SmallDisk())
        let bench = try ArchiveBench(maxSize: 60_000, folder: disk.folder)
        bench.limits.rotationRetry = .zero
        let filler = bench.folder.path + "/filler"
        // Room for the file, 21 pages, and the ledger, one; none for 10 of an archive beside 15.
        try Data(count: (64 - 24) * 4_096).write(to: URL(filePath: filler))
        var random = SeededGenerator()
        let runner = try bench.start()
        bench.log.append(60) { event in
            let noise = (0..<85).map { _ in String(random.next(), radix: 36) }.joined()
            event.detail = #"{"x":"\#(noise)"}"#
        }
        runner.wake()
        #expect(runner.drain(until: .now + .seconds(10)), "\(bench.reports.all)")
        #expect(try bench.names() == ["events.ndjson"])
        let report = "unable to rotate \(bench.path): write: No space left on device"
        #expect(eventually { "\(bench.reports.all)".contains(report) })
        try FileManager.default.removeItem(atPath: filler)
        bench.log.append(1)
        runner.wake()
        #expect(runner.drain(until: .now + .seconds(10)))
        #expect(eventually { bench.reports.all.last == .recovered(sink: runner.name) })
        #expect(runner.stop(until: .now + .seconds(10)))
        let (names, rows) = (try bench.names(), try bench.rows())
        #expect(names.count == 2)
        #expect(rows == Array(1...61))
    }
}
