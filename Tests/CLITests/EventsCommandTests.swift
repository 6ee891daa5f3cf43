import Checkpoint
import Foundation
import LogTail
import Observers
import Telemetry
import TestSupport
import Testing

@testable import CLI

/// The built command, against a database as the daemon writes it.
@Suite struct EventsCommandTests {
    private let folder: TemporaryFolder
    private let path: String

    init() throws {
        folder = try TemporaryFolder()
        path = folder("t.sqlite")
        let store = try TelemetryStore(path: path)
        var batch = Batch()
        let rows: [(EventKind, EventStatus, String)] = [
            (.overhead, .degraded, #"{"stage":"deep_copy","request_id":"r,1"}"#),
            (.overhead, .stall, #"{"stage":null}"#), (.rotated, .info, "{}"),
            (.missedRotation, .warning, "{}"),
        ]
        for (index, row) in rows.enumerated() {
            batch.events.append(
                Event(
                    seed: EventSeed(
                        source: "s\(index % 2)", kind: row.0, offset: Int64(index),
                        line: Digest(of: Array("\(index)".utf8).span)),
                    timestamp: LatencyRows.start.advanced(byMilliseconds: Double(index) * 60_000),
                    source: "s\(index % 2)", event: "e\(index / 2)", kind: row.0, status: row.1,
                    durationMilliseconds: row.0 == .overhead ? 612.5 : nil, detail: row.2))
        }
        try store.commit(batch)
    }

    private func events(
        _ arguments: [String], environment: [String: String] = [:]
    ) throws -> BuiltCommand.Result {
        try BuiltCommand.run(["events", "--db", path] + arguments, environment: environment)
    }

    /// Each filter of the contract, and the rows it leaves.
    @Test(arguments: [
        ([], [1, 2, 3, 4]), (["--since", "2026-06-13T08:01Z"], [2, 3, 4]),
        (["--until", "2026-06-13T08:01Z"], [1]), (["--since", "2026-06-13 08:02"], [3, 4]),
        (["--since", "1s"], []), (["--source", "s1"], [2, 4]), (["--event", "e1"], [3, 4]),
        (["--kind", "overhead"], [1, 2]),
        (["--kind", "rotated", "--kind", "overhead"], [1, 2, 3]),
        (["--status", "stall", "--status", "info"], [2, 3]), (["--warnings"], [1, 2, 4]),
        (["-n", "2"], [3, 4]), (["-n1"], [4]), (["--limit", "1"], [4]), (["-n", "0"], []),
        (["--after", "1"], [2, 3, 4]), (["--after", "1", "-n", "2"], [2, 3]),
        (["--after", "4"], []), (["--after", "-5"], [1, 2, 3, 4]),
        (["--warnings", "--source", "s0"], [1]),
    ])
    func `every filter leaves its rows`(arguments: [String], seqs: [Int]) throws {
        let result = try events(arguments + ["--json"])
        #expect(result.status == 0)
        let found = try result.lines.map { line in
            try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
        }
        #expect(found.map { $0?["seq"] as? Int } == seqs)
    }

    @Test func `CSV has a header, an end of line of its own and quotes where they are needed`()
        throws
    {
        let result = try events(["--csv"])
        #expect(result.status == 0)
        let records = result.output.components(separatedBy: "\r\n")
        #expect(records.count == 6)
        #expect(records.last == "")
        #expect(records[0] == "seq,key,ts,event,kind,source,severity,value_ms,stage,detail")
        #expect(records[1].hasPrefix("1,"))
        #expect(
            records[1].hasSuffix(
                ",2026-06-13T08:00:00.000Z,e0,overhead,s0,degraded,612.5,deep_copy,"
                    + #""{""stage"":""deep_copy"",""request_id"":""r,1""}""#))
        #expect(records[2].hasSuffix(#",stall,612.5,,"{""stage"":null}""#))
        #expect(records[3].hasSuffix(",info,,,{}"))
        #expect(try events(["--csv", "--since", "1s"]).output == records[0] + "\r\n")
        #expect(try events(["--csv", "--json"]).status == 64)
        #expect(try events(["--follow", "--until", "1s"]).status == 64)
    }

    @Test(arguments: ["Asia/Kolkata", ":Asia/Kolkata", "IST-5:30"])
    func `times are local, with --utc as they are recorded`(_ name: String) throws {
        let zone = ["TZ": name]
        #expect(
            try events(["-n", "1"], environment: zone).output
                .contains("2026-06-13 13:33:00.000 +05:30"))
        #expect(
            try events(["-n", "1", "--utc"], environment: zone).output
                .contains("2026-06-13T08:03:00.000Z"))
    }

    @Test func `a detail that another program wrote is JSON on the line of its event`() throws {
        let details = ["'no \"JSON\"\n'", "'{\"a\" :\r\n 1.50}'", "''", "x'6100ff'"]
        let changes = details.enumerated().map {
            "UPDATE events SET detail = \($1) WHERE seq = \($0 + 1);"
        }
        let sqlite = try BuiltCommand.run(
            program: "/usr/bin/sqlite3", [path, changes.joined(separator: "\n")])
        #expect(sqlite.status == 0, "\(sqlite.errors)")
        let lines = try events(["--json"]).lines
        let found = lines.map { $0.split(separator: "\"detail\":", maxSplits: 1).last ?? "" }
        #expect(found.prefix(3) == [#""no \"JSON\"\n"}"#, #"{"a":1.50}}"#, #"""}"#])
        #expect(found.count == 4)
        for line in lines { _ = try JSONSerialization.jsonObject(with: Data(line.utf8)) }
    }

    @Test func `severity has its colour`() throws {
        let text = try events([], environment: ["CLICOLOR_FORCE": "1"]).output
        for (colour, status) in [(33, "degraded"), (31, "stall"), (2, "info"), (35, "warning")] {
            #expect(text.contains("\u{1b}[\(colour)m\(status)\u{1b}[0m"))
        }
        #expect(try !events([]).output.contains("\u{1b}"))
    }

    @Test func `rows that were pruned are told, with exit code 3`() throws {
        let sqlite = try BuiltCommand.run(
            program: "/usr/bin/sqlite3", [path, "DELETE FROM events WHERE seq <= 2"])
        #expect(sqlite.status == 0)
        let result = try events(["--after", "0", "--csv"])
        #expect(result.status == 3)
        #expect(result.output.components(separatedBy: "\r\n").count == 4)
        #expect(result.errors.contains("the oldest row left has seq 3"))
        #expect(try events(["--after", "2"]).status == 0)
    }
}
