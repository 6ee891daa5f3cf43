import Foundation
import GRDB
import LogTail
import Observers
import TestSupport
import Testing

@testable import Telemetry

@Suite struct TelemetryReaderTests {
    @Test func `the stage comes from the detail, under either name`() throws {
        let folder = try TemporaryFolder()
        let store = try TelemetryStore(path: folder("t.sqlite"))
        let details = [
            #"{"stage":"deep_copy"}"#, #"{"dominant_stage":"memory_context"}"#,
            #"{"stage":null}"#, #"{}"#, "not json",
        ]
        try store.commit(
            Samples.batch(details.enumerated().map { Samples.event($0, detail: $1) }))
        let rows = try TelemetryReader(path: store.path).events(after: 0, limit: 9)
        #expect(rows.map(\.stage) == ["deep_copy", "memory_context", nil, nil, nil])
        #expect(rows.map(\.detail) == details.dropLast() + [#""not json""#])
    }

    /// A closed database on a shelf that may be entered and read, but not written to.
    private func shelved(_ folder: TemporaryFolder, withWriteAheadLog: Bool) throws -> String {
        let store = try TelemetryStore(path: folder("t.sqlite"))
        try store.commit(Samples.batch([Samples.event(1)]))
        let files = FileManager.default
        try files.createDirectory(atPath: folder("shelf"), withIntermediateDirectories: false)
        if withWriteAheadLog {
            try files.copyItem(atPath: folder("t.sqlite-wal"), toPath: folder("shelf/t.sqlite-wal"))
        } else {
            try store.close()
        }
        try files.copyItem(atPath: folder("t.sqlite"), toPath: folder("shelf/t.sqlite"))
        for name in try files.contentsOfDirectory(atPath: folder("shelf")) {
            try files.setAttributes(
                [.posixPermissions: 0o444], ofItemAtPath: folder("shelf/\(name)"))
        }
        try files.setAttributes([.posixPermissions: 0o555], ofItemAtPath: folder("shelf"))
        try files.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder.path)
        return folder("shelf/t.sqlite")
    }

    @Test func `a copy is read where nothing can be made`() throws {
        let folder = try TemporaryFolder()
        let path = try shelved(folder, withWriteAheadLog: false)
        let latest = try unprivileged { try TelemetryReader(path: path).bounds().latest }
        #expect(latest == 1)
        let names = try FileManager.default.contentsOfDirectory(atPath: folder("shelf"))
        #expect(names == ["t.sqlite"])
    }

    @Test func `a copy is refused where what its write-ahead log holds would be left out`() throws {
        let folder = try TemporaryFolder()
        let path = try shelved(folder, withWriteAheadLog: true)
        let error = #expect(throws: TelemetryError.self) {
            try unprivileged { _ = try TelemetryReader(path: path) }
        }
        guard case .unusable = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test func `a reader sees what is committed after it was opened`() throws {
        let folder = try TemporaryFolder()
        let store = try TelemetryStore(path: folder("t.sqlite"))
        let reader = try TelemetryReader(path: store.path)
        for number in 1...3 {
            try store.commit(Samples.batch([Samples.event(number)]))
            #expect(try reader.events(after: Int64(number) - 1, limit: 9).count == 1)
        }
    }

    @Test func `long rows come in short pages, and all of them`() throws {
        let folder = try TemporaryFolder()
        let store = try TelemetryStore(path: folder("t.sqlite"))
        let detail = #"{"stage":"\#(String(repeating: "x", count: 100_000))"}"#
        let events = (1...9).map { Samples.event($0, detail: detail) }
        try store.commit(Samples.batch(events + [Samples.event(10)]))
        let reader = try TelemetryReader(path: store.path)
        #expect(try reader.events(after: 2, limit: 128).map(\.seq) == [3, 4, 5])
        #expect(try reader.events(matching: EventQuery()).map(\.seq) == Array(1...10))
        var query = EventQuery()
        query.after = 1
        query.limit = 5
        #expect(try reader.events(matching: query).map(\.seq) == Array(2...6))
    }

    @Test func `readers on other threads and the writer do not meet`() async throws {
        let folder = try TemporaryFolder()
        let store = try TelemetryStore(path: folder("t.sqlite"))
        let rows = 300
        try await withThrowingTaskGroup(of: [Int64].self) { group in
            for _ in 0..<3 {
                let reader = try TelemetryReader(path: store.path)
                group.addTask {
                    var seqs: [Int64] = []
                    while seqs.count < rows {
                        seqs += try reader.events(after: seqs.last ?? 0, limit: 50).map(\.seq)
                        await Task.yield()
                    }
                    return seqs
                }
            }
            for number in 0..<rows {
                try store.commit(Samples.batch([Samples.event(number)]))
                try store.positions.move("unix", to: Int64(number))
            }
            for try await seqs in group { #expect(seqs == Array(1...Int64(rows))) }
        }
    }
}
