// What the pure cores cost, without files and without a database:
//
//     swift run -c release --package-path Benchmarks/micro
//
// Each figure is the best of five runs of about 0.1 s; compare them with those of another commit
// on the same machine.

import Foundation
import LogTail
import Observers

let headroom = Array(
    (#"2026-11-21 01:37:27,245 - headroom.proxy - INFO - [hr_1795225047_000230] STAGE_TIMINGS "#
        + #"{"event": "stage_timings", "path": "anthropic_messages", "#
        + #""request_id": "hr_1795225047_000230", "#
        + #""session_id": "f81802bacaf74eeea470bc750fd0b95b", "stages": {"#
        + #""pre_upstream_wait": 0.5582729997968272, "read_request_json": 0.3078629999890836, "#
        + #""deep_copy": 0.0008439999419351807, "compression_first_stage": 2.082264999899053, "#
        + #""memory_context": null, "upstream_connect": 21.699960999967516, "#
        + #""upstream_first_byte": 21.699960999967516, "total_pre_upstream": 5.460601999857317}}"#)
        .utf8)

let nginx = Array(
    (#"203.0.113.7 - - [21/Nov/2026:07:19:02 +0000] "GET /index.html HTTP/1.1" 200 612 "-" "#
        + #""curl/7.88.1" rt=0.123 uct="0.001" uht="0.120" urt="0.122""#).utf8)

let payload = Array(headroom.drop { $0 != UInt8(ascii: "{") })

/// Nanoseconds for one call of `body`, whose results are summed so that none is left out.
func cost(_ name: String, bytes: Int? = nil, _ body: (Int) -> Int) {
    let clock = ContinuousClock()
    var sum = 0
    var calls = 1_000
    var best = Double.infinity
    for round in -1..<5 {
        let time = clock.measure { for call in 0..<calls { sum &+= body(call) } }
        let seconds = Double(time.components.seconds) + Double(time.components.attoseconds) / 1e18
        if round < 0 {
            // The first round tells how many calls take a tenth of a second.
            calls = max(1_000, Int(Double(calls) * 0.1 / max(seconds, 1e-7)))
        } else {
            best = min(best, seconds / Double(calls))
        }
    }
    let nanoseconds = rounded(best * 1e9, places: 1)
    let speed = bytes.map { "\(rounded(Double($0) / best / 1_048_576, places: 0))" } ?? ""
    print("| \(name) | \(nanoseconds) | \(speed) |")
    if sum == 42 { print("") }
}

func rounded(_ value: Double, places: Int) -> Double {
    let scale: Double = places == 0 ? 1 : 10
    return (value * scale).rounded() / scale
}

func isObservation(_ reading: Reading) -> Int {
    if case .observation = reading.outcome { 1 } else { 0 }
}

print("| core | ns | MiB/s |\n|---|--:|--:|")

var headroomObserver = HeadroomObserver(ObserverOptions())
cost("a headroom line", bytes: headroom.count) { _ in
    isObservation(headroomObserver.observe(headroom.span))
}

var nginxObserver = NginxObserver(ObserverOptions())
cost("an nginx line", bytes: nginx.count) { _ in
    isObservation(nginxObserver.observe(nginx.span))
}

cost("the JSON of a headroom line, skipped", bytes: payload.count) { _ in
    var json = JSONScanner()
    guard let value = try? json.nextValue(in: payload.span),
        (try? json.skip(value, in: payload.span)) != nil
    else { return 0 }
    return json.position
}

let number = Array("21.699960999967516".utf8)
cost("a number of 17 digits", bytes: number.count) { _ in
    Int(DecimalNumber(number.span, at: 0)?.double(in: number.span) ?? 0)
}

var sketch = LatencySketch()
cost("a latency into a sketch") { call in
    sketch.record(Double(call % 1_000))
    return 1
}

var cell = LatencyCell(source: "bench", stage: "total", minute: 0)
let thresholds = Thresholds(degraded: 500, stall: 2_000)
cost("a latency into a cell") { call in
    cell.record(Double(call % 1_000), thresholds)
    return 1
}

cost("a p99 of a sketch of a thousand buckets") { _ in Int(sketch.quantile(0.99) ?? 0) }

var coalescer = EpisodeCoalescer(
    rules: EpisodeRules(
        quietMilliseconds: 500, latenessMilliseconds: 15_000, maximumSpanMilliseconds: 300_000))
cost("the line clock of a log without breaches") { call in
    coalescer.advance(to: Timestamp(nanoseconds: Int64(call) * 1_000_000)).count
}

// The way of a line from the search for its marker to its row, with a database that takes
// everything: what is left of a catch-up without the disk and without SQLite.

/// Forgets what it is given.
final class NoRecorder: Recorder {
    func commit(_ batch: Batch) throws(RecorderError) {}
    func checkpoint(source: String, path: String) throws(RecorderError) -> CheckpointRecord? { nil }
    func latencyCell(
        source: String, stage: String, minute: Int64
    ) throws(RecorderError) -> LatencyCell? { nil }
    func stageNames(source: String) throws(RecorderError) -> [String] { [] }
}

/// A log of 16 MiB with a marker line in `every`.
func makeLog(every: Int) throws -> (path: String, bytes: Int) {
    var bytes: [UInt8] = []
    let other = Array(
        "2026-11-21 01:37:09,711 - headroom.proxy - INFO - method=POST status=200\n".utf8)
    var line = 0
    while bytes.count < 16 << 20 {
        line += 1
        bytes += line % every == 0 ? headroom + [10] : other
    }
    let path = FileManager.default.temporaryDirectory.appending(path: "micro-\(every).log").path
    try Data(bytes).write(to: URL(filePath: path))
    return (path, bytes.count)
}

for every in [1_000, 20, 1] {
    let log = try makeLog(every: every)
    var tail = TailConfiguration(observer: HeadroomObserver.self, event: "bench", zone: .utc)
    tail.fromStart = true
    var configuration = DaemonConfiguration(tails: [.init(patterns: [log.path], tail: tail)])
    configuration.once = true
    let clock = ContinuousClock()
    var best = Double.infinity
    for _ in 0..<5 {
        let time = try clock.measure {
            let daemon = try Daemon(configuration, recorder: NoRecorder(), journal: .silent)
            try daemon.start()
            while try daemon.turn() == nil {}
            _ = daemon.stop()
        }
        best = min(
            best, Double(time.components.seconds) + Double(time.components.attoseconds) / 1e18)
    }
    let kibibytes = Double(log.bytes) / 1_024
    let cost = rounded(best * 1e9 / kibibytes, places: 1)
    let speed = rounded(kibibytes / 1_024 / best, places: 0)
    print("| a KiB of a log with a marker line in \(every) | \(cost) | \(speed) |")
    try FileManager.default.removeItem(atPath: log.path)
}
