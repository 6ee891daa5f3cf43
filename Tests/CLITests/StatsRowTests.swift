import Foundation
import Observers
import Telemetry
import Testing

@testable import CLI

@Suite struct StatsRowTests {
    private func summary(_ latencies: [Double]) -> LatencySummary {
        LatencySummary(LatencyRows.cell(latencies, minute: 0))
    }

    @Test func `the object has the keys of the contract`() {
        let row = StatsRow(source: "s", stage: "total", summary: summary([4, 600]))
        #expect(
            row.json
                == #"{"source":"s","stage":"total","count":2,"min_ms":4.0,"mean_ms":302.0,"#
                + #""p50_ms":4.03125,"p90_ms":600.0,"p99_ms":600.0,"p999_ms":600.0,"#
                + #""max_ms":600.0,"degraded":1,"stalled":0}"#)
    }

    @Test func `an hour or day has a bucket, all sources together have none`() {
        var buckets = TimeBuckets(.hour, in: .utc)
        let row = StatsRow(
            source: nil, stage: "total",
            bucket: buckets.bucket(ofMinute: LatencyRows.start.unixMinute + 30),
            summary: summary([4]))
        #expect(
            row.json.hasPrefix(
                #"{"source":null,"stage":"total","bucket":"2026-06-13T08:00Z","count":1,"#))
    }

    @Test func `a comparison adds the window before and the change`() throws {
        let row = StatsRow(
            source: "s", stage: "total", summary: summary([600, 600, 600]),
            before: summary([400, 400]))
        let object = try #require(
            try JSONSerialization.jsonObject(with: Data(row.json.utf8)) as? [String: Any])
        let before = try #require(object["previous"] as? [String: Any])
        #expect(before["count"] as? Int == 2)
        #expect(before["p99_ms"] as? Double == 400)
        let change = try #require(object["change"] as? [String: Any])
        #expect(change["count"] as? Double == 0.5)
        #expect(change["p50_ms"] as? Double == 0.5)
        #expect(change["degraded_share"] as? Double == 1)
        #expect(change["stalled_share"] as? Double == 0)
    }

    @Test func `where there was nothing before there is no change to tell`() throws {
        let row = StatsRow(
            source: "s", stage: "total", summary: summary([600]), before: summary([]))
        let object = try #require(
            try JSONSerialization.jsonObject(with: Data(row.json.utf8)) as? [String: Any])
        let before = try #require(object["previous"] as? [String: Any])
        #expect(before["p99_ms"] is NSNull)
        let change = try #require(object["change"] as? [String: Any])
        #expect(change.values.allSatisfy { $0 is NSNull })
    }
}
