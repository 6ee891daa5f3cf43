import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Bus

/// The files of an archive and the saved positions, copied at each step of each rotation: exactly
/// what a process that is killed there leaves to the next one.
final class ArchiveSnapshots: Sendable {
    struct Snapshot: Sendable {
        let step: ArchiveFileRotation.Step
        let files: [String: Data]
        let positions: [String: Int64]
    }

    private let snapshots = Mutex<[Snapshot]>([])

    var all: [Snapshot] { snapshots.withLock { $0 } }

    /// Delivers all there is, with a snapshot at each step.
    static func deliver(_ bench: ArchiveBench) throws -> [Snapshot] {
        let taken = ArchiveSnapshots()
        let (folder, log) = (bench.folder.path, bench.log)
        bench.atStep = { step in
            let snapshot = Snapshot(
                step: step, files: Self.files(in: folder), positions: log.positions)
            taken.snapshots.withLock { $0.append(snapshot) }
        }
        try bench.deliver()
        return taken.all
    }

    /// Puts the files and positions of a bench back to those of a snapshot.
    static func restore(_ snapshot: Snapshot, to bench: ArchiveBench) throws {
        let folder = bench.folder.path + "/"
        for name in files(in: folder).keys {
            try FileManager.default.removeItem(atPath: folder + name)
        }
        for (name, data) in snapshot.files { try data.write(to: URL(filePath: folder + name)) }
        bench.log.restore(snapshot.positions)
    }

    private static func files(in folder: String) -> [String: Data] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.filter { $0.hasPrefix("events.ndjson") }.reduce(into: [:]) { files, name in
            files[name] = try? Data(contentsOf: URL(filePath: folder + "/" + name))
        }
    }
}
