import Checkpoint
import Foundation
import LogTail
import Observers
import Syscalls
import Telemetry
import Testing

@testable import CLI

@Suite struct StatusMetricsTests {
    /// The status of a real database with all that metrics tell of, hostile names included.
    private func status(pid: Int32? = 12) throws -> DaemonStatus {
        let folder = NSTemporaryDirectory() + "logtail-metrics-" + UUID().uuidString
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let log = folder + "/pro\\xy \"1\"\r\n{é}.log"
        try Data("abc\ndefgh\n".utf8).write(to: URL(fileURLWithPath: log))
        let file = try #require(try FileStatus(path: log))
        var batch = Batch()
        let kinds: [(EventKind, EventStatus)] = [
            (.overhead, .degraded), (.overhead, .stall), (.overhead, .stall), (.rotated, .info),
            (.missedRotation, .warning),
        ]
        batch.events = kinds.enumerated().map { index, sort in
            Event(
                seed: EventSeed(
                    source: "s", kind: sort.0, offset: Int64(index),
                    line: .init(of: Array("x".utf8).span)),
                timestamp: Timestamp(seconds: 1), source: "s", event: "e", kind: sort.0,
                status: sort.1, detail: "{}")
        }
        batch.checkpoints = [
            CheckpointRecord(
                source: "s", path: log,
                position: .init(
                    identity: .init(device: file.device, inode: file.inode, birth: file.birth),
                    offset: 4, fingerprint: .empty),
                state: #"{"v":1,"drift":{"v":1,"unparsed":0},"read":1781340900123456789,"#
                    + #""oversized":2}"#,
                bytesRead: 4, linesMatched: 3, linesUnparsed: 1)
        ]
        let store = try TelemetryStore(path: folder + "/t.sqlite")
        try store.commit(batch)
        try store.positions.move("unix:/b", to: 3)
        let reader = try TelemetryReader(path: store.path)
        return DaemonStatus(
            database: reader.path, pid: pid, bounds: try reader.bounds(),
            recordedAt: try reader.events(after: 4, limit: 1).first?.recordedAt,
            tails: try reader.checkpoints().map(TailStatus.init),
            sinks: try reader.busPositions().map(SinkStatus.init),
            eventCounts: try reader.eventCounts(),
            retention: try reader.retention(), bytes: reader.fileBytes)
    }

    @Test func `every value is the one that the database and the disk hold`() throws {
        let lines = Set(
            try status().metrics.filter { !$0.contains("{path") && !$0.contains(",path") })
        for line in [
            "logtail_up 1", "logtail_latest_seq 5", "logtail_oldest_seq 1",
            #"logtail_build_info{version="0.1.0"} 1"#,
            #"logtail_events_total{source="s",kind="overhead",status="stall"} 2"#,
            #"logtail_events_total{source="s",kind="overhead",status="degraded"} 1"#,
            #"logtail_rotations_total{source="s"} 1"#,
            #"logtail_gaps_total{source="s",kind="missed_rotation"} 1"#,
            #"logtail_gaps_total{source="s",kind="truncated"} 0"#,
            #"logtail_sink_backlog_rows{sink="unix:/b"} 2"#,
            #"logtail_sink_position{sink="unix:/b"} 3"#,
            #"logtail_pruned_rows_total{table="events"} 0"#,
        ] {
            #expect(lines.contains(line), "\(line)")
        }
        #expect(try status(pid: nil).metrics.contains("logtail_up 0"))
    }

    @Test func `a path is a label, escaped`() throws {
        let metrics = try status().metrics
        let path = #"/pro\\xy \"1\""# + "\r" + #"\n{é}.log"}"#
        for (name, value) in [
            ("lag_bytes", "6"), ("last_read_timestamp_seconds", "1781340900.123"),
            ("read_bytes_total", "4"), ("lines_matched_total", "3"), ("lines_unparsed_total", "1"),
            ("lines_oversized_total", "2"), ("drift", "0"),
        ] {
            let sample = metrics.first { $0.hasPrefix("logtail_file_\(name){") }
            #expect(sample?.hasPrefix("logtail_file_\(name){source=\"s\",path=\"") == true)
            #expect(sample?.hasSuffix(path + " " + value) == true, "\(sample ?? "nothing")")
        }
    }

    @Test func `what is not known has no sample, and no metric`() throws {
        let status = DaemonStatus(
            database: "/d", pid: nil, bounds: EventBounds(oldest: nil, latest: 0),
            recordedAt: nil, tails: [], sinks: [], eventCounts: [],
            retention: RetentionState(), bytes: (1, 0))
        let names = Set(
            status.metrics.filter { $0.hasPrefix("# TYPE") }.map { $0.split(separator: " ")[2] })
        #expect(
            names == [
                "logtail_build_info", "logtail_up", "logtail_database_bytes", "logtail_latest_seq",
                "logtail_pruned_rows_total", "logtail_pruned_undelivered_events_total",
            ])
    }

    /// The grammar of the text format, as far as these metrics use it.
    @Test func `the text follows the grammar, each metric once with its help and type`() throws {
        let label = #"[a-z_]+="(?:[^"\\\n]|\\\\|\\"|\\n)*""#
        let sample = try Regex(
            #"^(logtail_[a-z_]+)(?:\{\#(label)(?:,\#(label))*\})? -?[0-9]+(?:\.[0-9]+)?$"#)
        var types: [Substring: Substring] = [:]
        var current: Substring?
        var seen: Set<String> = []
        for line in try status().metrics {
            // A scalar, since a carriage return may come before it.
            #expect(!line.unicodeScalars.contains("\n"))
            let words = line.split(separator: " ", maxSplits: 3)
            switch words.prefix(2) {
            case ["#", "HELP"]:
                #expect(types[words[2]] == nil)
                #expect(words[3].hasSuffix("."))
                current = words[2]
            case ["#", "TYPE"]:
                #expect(words[2] == current)
                #expect(["gauge", "counter"].contains(words[3]))
                types[words[2]] = words[3]
                #expect(words[2].hasSuffix("_total") == (words[3] == "counter"))
            default:
                let match = try #require(line.wholeMatch(of: sample), "\(line)")
                let name = match.output[1].substring
                #expect(name == current)
                #expect(name.map { types[$0] != nil } == true)
                let series = String(line[..<(line.lastIndex(of: " ") ?? line.endIndex)])
                #expect(seen.insert(series).inserted)
            }
        }
        #expect(types.count == 21)
    }

    private static let promtool = "/usr/bin/promtool"

    @Test(
        .enabled(
            if: FileManager.default.isExecutableFile(atPath: promtool),
            "promtool is not installed; scripts/install-packages prometheus"))
    func `promtool finds nothing to complain about`() throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Self.promtool)
        process.arguments = ["check", "metrics"]
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let text = try status().metrics.map { $0 + "\n" }.joined()
        try input.fileHandleForWriting.write(contentsOf: Data(text.utf8))
        try input.fileHandleForWriting.close()
        let answer = String(
            decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(answer == "")
        #expect(process.terminationStatus == 0)
    }
}
