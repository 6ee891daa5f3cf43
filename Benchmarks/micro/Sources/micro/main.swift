// What the pure cores cost, without files and without a database:
//
//     swift run -c release --package-path Benchmarks/micro
//
// Each figure is the best of two hundred runs of about 2 ms, short enough for some to go
// undisturbed on a busy machine; compare them with those of another commit on the same one.

import Foundation
import LogTail
import Observers

let headroom = HeadroomLines().lines

let nginx = Array(
    (#"203.0.113.7 - - [21/Nov/2026:07:19:02 +0000] "GET /index.html HTTP/1.1" 200 612 "-" "#
        + #""curl/7.88.1" rt=0.123 uct="0.001" uht="0.120" urt="0.122""#).utf8)

let payload = Array(headroom[0].drop { $0 != UInt8(ascii: "{") })

/// Nanoseconds for one call of `body`, whose results are summed so that none is left out.
func cost(_ name: String, bytes: Int? = nil, _ body: (Int) -> Int) {
    let clock = ContinuousClock()
    var sum = 0
    // The first rounds tell how many calls take 2 ms.
    var calls = 1
    var best = Double.infinity
    var rounds = 200
    while rounds > 0 {
        let time = clock.measure { for call in 0..<calls { sum &+= body(call) } }
        if time < .milliseconds(1), calls < 1 << 30 {
            calls *= 2
            continue
        }
        best = min(best, time / .seconds(1) / Double(calls))
        rounds -= 1
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

var observation = Observation()

print("| core | ns | MiB/s |\n|---|--:|--:|")

var headroomObserver = HeadroomObserver(ObserverOptions())
cost("a headroom line", bytes: headroom.reduce(0) { $0 + $1.count } / headroom.count) { call in
    let line = headroom[call % headroom.count]
    observation.clear()
    return isObservation(headroomObserver.observe(line.span, into: &observation))
}

var nginxObserver = NginxObserver(ObserverOptions())
cost("an nginx line", bytes: nginx.count) { _ in
    observation.clear()
    return isObservation(nginxObserver.observe(nginx.span, into: &observation))
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
    func latestMinute(source: String, stage: String) throws(RecorderError) -> Int64? { nil }
    func stageNames(source: String) throws(RecorderError) -> [String] { [] }
}

/// A log of 16 MiB with a marker line in `every`, in `folder`.
func makeLog(every: Int, in folder: URL) throws -> (path: String, bytes: Int, lines: Int) {
    var bytes: [UInt8] = []
    let other = Array(
        "2026-11-21 01:37:09,711 - headroom.proxy - INFO - method=POST status=200\n".utf8)
    var line = 0
    while bytes.count < 16 << 20 {
        line += 1
        bytes += line % every == 0 ? headroom[line / every % headroom.count] + [10] : other
    }
    let file = folder.appending(path: "\(every).log")
    try Data(bytes).write(to: file)
    return (file.path, bytes.count, line / every)
}

// In a folder of its own: that of a file is searched for what it was rotated to.
let folder = FileManager.default.temporaryDirectory.appending(path: "logtail-micro-\(getpid())")
try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
defer { try? FileManager.default.removeItem(at: folder) }

for every in [1_000, 20, 1] {
    let log = try makeLog(every: every, in: folder)
    var tail = TailConfiguration(observer: HeadroomObserver.self, event: "bench", zone: .utc)
    tail.fromStart = true
    var configuration = DaemonConfiguration(tails: [.init(patterns: [log.path], tail: tail)])
    configuration.once = true
    let clock = ContinuousClock()
    var best = Double.infinity
    for _ in 0..<20 {
        let time = try clock.measure {
            let daemon = try Daemon(configuration, recorder: NoRecorder(), journal: .silent)
            try daemon.start()
            while try daemon.turn() == nil {}
            _ = daemon.stop()
        }
        best = min(best, time / .seconds(1))
    }
    let cost = rounded(best * 1e9 / (Double(log.bytes) / 1_024), places: 1)
    let line = rounded(best * 1e9 / Double(log.lines), places: 1)
    let speed = rounded(Double(log.bytes) / 1_048_576 / best, places: 0)
    print("| a KiB of a log with a marker line in \(every) | \(cost) | \(speed) |")
    if every == 1 { print("| a line of that log | \(line) | \(speed) |") }
}
