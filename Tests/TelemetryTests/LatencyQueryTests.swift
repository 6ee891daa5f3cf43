import GRDB
import LogTail
import Observers
import TestSupport
import Testing

@testable import Telemetry

@Suite struct LatencyQueryTests {
    private let folder: TemporaryFolder
    private let store: TelemetryStore

    init() throws {
        folder = try TemporaryFolder()
        store = try TelemetryStore(path: folder("t.sqlite"))
    }

    private func commit(_ cells: [LatencyCell]) throws {
        var batch = Batch()
        batch.latency = cells
        try store.commit(batch)
    }

    /// What a query finds, each row as source, stage and minute after the samples' start.
    private func rows(_ change: (inout LatencyQuery) -> Void = { _ in }) throws -> [String] {
        var query = LatencyQuery()
        change(&query)
        return try TelemetryReader(path: store.path).readLatency(matching: query) { view in
            var rows: [String] = []
            for series in view.series {
                var minutes: [Int64] = []
                try view.forEachMinute(of: series) { minutes.append($0.minute) }
                #expect(minutes.first == series.firstMinute)
                #expect(minutes.last == series.lastMinute)
                rows += minutes.map {
                    "\(series.source) \(series.stage) \($0 - Samples.start.unixMinute)"
                }
            }
            return rows
        }
    }

    private func time(_ minute: Double) -> Timestamp {
        Samples.start.advanced(byMilliseconds: minute * 60_000)
    }

    private func cell(_ source: String, _ stage: String, _ minute: Int64, _ latency: Double = 1)
        -> LatencyCell
    {
        var cell = LatencyCell(
            source: source, stage: stage, minute: Samples.start.unixMinute + minute)
        cell.record(latency, Thresholds(degraded: 500, stall: 2_000))
        return cell
    }

    @Test func `an empty table has no series`() throws {
        #expect(try rows() == [])
    }

    @Test func `rows come by source, stage and minute`() throws {
        try commit([
            cell("b", "total", 1), cell("a", "total", 0), cell("a", "deep", 2),
            cell("a", "deep", 0), cell("a", "deeper", 0), cell("ab", "a", 0), cell("a", "", 0),
        ])
        #expect(
            try rows() == [
                "a  0", "a deep 0", "a deep 2", "a deeper 0", "a total 0", "ab a 0", "b total 1",
            ])
    }

    @Test func `a minute belongs to the window if any of it does`() throws {
        try commit((0..<4).map { cell("s", "t", $0) })
        func minutes(_ since: Double?, _ until: Double?) throws -> [String] {
            try rows {
                $0.since = since.map(time)
                $0.until = until.map(time)
            }.map { String($0.suffix(1)) }
        }
        #expect(try minutes(1, 3) == ["1", "2"])
        #expect(try minutes(2.5, nil) == ["2", "3"])
        #expect(try minutes(nil, 0.5) == ["0"])
        #expect(try minutes(nil, 1.0001) == ["0", "1"])
        #expect(try minutes(nil, 0) == [])
        #expect(try minutes(4, nil) == [])
        #expect(try minutes(nil, nil).count == 4)
    }

    @Test func `sources and stages are filters, and what has no row in the window is no series`()
        throws
    {
        try commit([
            cell("a", "total", 0), cell("a", "deep", 5), cell("b", "total", 5),
            cell("b", "deep", 0),
        ])
        #expect(try rows { $0.sources = ["b", "c"] } == ["b deep 0", "b total 5"])
        #expect(try rows { $0.stages = ["deep"] } == ["a deep 5", "b deep 0"])
        #expect(
            try rows {
                $0.since = time(5)
                $0.stages = ["deep"]
            } == ["a deep 5"])
        #expect(try rows { $0.sources = ["c"] } == [])
    }

    @Test func `times far away find what there is`() throws {
        try commit([cell("a", "total", 0)])
        #expect(try rows { $0.since = Timestamp(nanoseconds: .min) }.count == 1)
        #expect(try rows { $0.until = Timestamp(nanoseconds: .max) }.count == 1)
        #expect(try rows { $0.since = Timestamp(nanoseconds: .max) }.isEmpty)
        #expect(try rows { $0.until = Timestamp(nanoseconds: .min) }.isEmpty)
    }

    @Test func `rows add up to the cell that saw everything`() throws {
        var whole = LatencyCell(source: "s", stage: "t", minute: 0)
        let latencies = [0.02, 3, 640, 5_000, 0, 12, 12, 1e-9, 2e12]
        for latency in latencies {
            whole.record(latency, Thresholds(degraded: 500, stall: 2_000))
        }
        try commit(latencies.enumerated().map { cell("s", "t", Int64($0), $1) })
        let sum = try TelemetryReader(path: store.path).readLatency(matching: LatencyQuery()) {
            view in
            var sum = LatencyCell(source: "s", stage: "t", minute: 0)
            for series in view.series {
                try view.forEachMinute(of: series) { try $0.add(to: &sum) }
            }
            return sum
        }
        #expect(sum == whole)
        #expect(LatencySummary(sum) == LatencySummary(whole))
    }

    @Test(arguments: ["minute = 'now'", "minute = '2026-13-13T08:55Z'", "buckets = '{\"1\":x}'"])
    func `a row that does not read back is damage, not a trap`(change: String) throws {
        try commit([cell("a", "total", 0)])
        let outside = try DatabaseQueue(path: store.path)
        try outside.write { db in try db.execute(sql: "UPDATE latency SET \(change)") }
        let reader = try TelemetryReader(path: store.path)
        let error = #expect(throws: TelemetryError.self) {
            try reader.readLatency(matching: LatencyQuery()) { view in
                var sum = LatencyCell(source: "s", stage: "t", minute: 0)
                for series in view.series {
                    try view.forEachMinute(of: series) { try $0.add(to: &sum) }
                }
            }
        }
        guard case .corrupt = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test func `series are found by stepping along the primary key`() throws {
        try commit([cell("a", "total", 0)])
        let outside = try DatabaseQueue(path: store.path)
        let plans = try outside.read { db in
            try [
                "SELECT min(source) FROM latency WHERE true AND source > 'a'",
                "SELECT min(stage) FROM latency WHERE source = 'a' AND stage > 'b'",
                "SELECT min(minute) FROM latency WHERE source = 'a' AND stage = 'b' "
                    + "AND minute >= '' AND minute < '~'",
            ].map { try Row.fetchAll(db, sql: "EXPLAIN QUERY PLAN \($0)").map { $0[3] as String } }
        }
        for plan in plans {
            #expect(plan.count == 1)
            #expect(plan[0].hasPrefix("SEARCH latency USING PRIMARY KEY"), "\(plan)")
        }
    }
}
