import Foundation
import TestSupport
import Testing

/// What a power cut leaves of the database at any wait for the disk is a sound database, and the
/// log completes it.
@Suite(
    .workspaces, .serialized,
    .enabled(if: Strace.isPossible, "strace is missing, or processes may not be traced"))
struct PowerLossTests {
    /// What becomes of bytes that the disk was not waited for.
    enum Loss: CaseIterable, Sendable {
        case all, some, none
    }

    @Test(arguments: Loss.allCases)
    func `a power cut at any wait for the disk loses and doubles nothing`(_ loss: Loss) throws {
        var generator = SeededGenerator()
        var trace = ""
        let scenario = try FaultScenario { workspace in
            trace = workspace.path("trace")
            let files = ["", "-wal"].map { workspace.database + $0 }
            return [.first: Strace.recordBytes(of: files, to: trace)]
        }
        try scenario.runFirstStage()
        #expect(scenario.deaths == 0)
        let record = try DiskRecord(trace)
        #expect(record.syncs > 5)
        var before: [String] = []
        for sync in 0..<record.syncs {
            let files = record.files(beforeSync: sync) { _ in
                switch loss {
                case .all: false
                case .some: Bool.random(using: &generator)
                case .none: true
                }
            }
            let name = "power-cut-\(sync).sqlite"
            for (path, bytes) in files {
                let end = path.dropFirst(scenario.workspace.database.count)
                try scenario.workspace.write(
                    Data(bytes), to: scenario.workspace.path(name) + end)
            }
            let rows = try Self.recover(scenario, scenario.workspace.path(name))
            // What was on the disk stays there.
            #expect(loss == .some || rows.starts(with: before), "before wait \(sync)")
            before = rows
        }
    }

    /// Starts a daemon on what a power cut has left, and returns the rows that were in it.
    private static func recover(
        _ scenario: FaultScenario, _ database: String
    ) throws -> [String] {
        let left = try rows(database)
        let run = try LogtailBinary.run(
            scenario.arguments + ["--once"], in: scenario.workspace,
            environment: ["LOGTAIL_DB": database])
        #expect(run.process.exit == .code(0), "\(database): \(run.errorLines)")
        try scenario.check(TelemetryDatabase(database))
        return left
    }

    /// The rows of a copy, so that the database is left to the daemon as it is.
    private static func rows(_ database: String) throws -> [String] {
        let copy = database + ".copy"
        for end in ["", "-wal"] where FileManager.default.fileExists(atPath: database + end) {
            try FileManager.default.copyItem(atPath: database + end, toPath: copy + end)
        }
        guard try Data(contentsOf: URL(fileURLWithPath: copy)).count > 0 else { return [] }
        let reader = try TelemetryDatabase(copy)
        #expect(try reader.rows("PRAGMA integrity_check") == [["ok"]], "\(copy)")
        let isMade = "SELECT count(*) FROM sqlite_master WHERE name = 'events'"
        return try reader.integer(isMade) == 0 ? [] : FaultScenario.rows(reader)
    }
}
