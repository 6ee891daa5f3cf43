import Foundation
import Observers
import Testing

@testable import CLI

@Suite struct TimeBucketsTests {
    private let berlin = Zone(TimeZone(identifier: "Europe/Berlin") ?? .gmt)

    /// The names of the buckets that the minutes from one time to another fall into, in order,
    /// and how many minutes each has.
    private func buckets(
        _ unit: TimeBucket.Unit, _ zone: Zone, from start: String, to end: String
    ) throws -> [String] {
        func minute(_ text: String) throws -> Int64 {
            guard case .instant(let time) = QueryTime(argument: text) else {
                throw CancellationError()
            }
            return time.unixMinute
        }
        var buckets = TimeBuckets(unit, in: zone)
        var names: [(name: String, count: Int)] = []
        var last: TimeBucket?
        for minute in try minute(start)..<(try minute(end)) {
            let bucket = buckets.bucket(ofMinute: minute)
            if bucket != last { names.append((bucket.localName, 0)) }
            last = bucket
            names[names.count - 1].count += 1
        }
        return names.map { "\($0.name): \($0.count)" }
    }

    @Test func `a day with 25 hours is one day`() throws {
        #expect(
            try buckets(.day, berlin, from: "2026-10-24T21:00Z", to: "2026-10-26T00:00Z") == [
                "2026-10-24: 60", "2026-10-25: 1500", "2026-10-26: 60",
            ])
    }

    @Test func `the hour that comes twice is two hours, the one left out is none`() throws {
        #expect(
            try buckets(.hour, berlin, from: "2026-10-24T23:00Z", to: "2026-10-25T02:00Z") == [
                "2026-10-25 01:00 +02:00: 60", "2026-10-25 02:00 +02:00: 60",
                "2026-10-25 02:00 +01:00: 60",
            ])
        #expect(
            try buckets(.hour, berlin, from: "2026-03-29T00:00Z", to: "2026-03-29T02:00Z") == [
                "2026-03-29 01:00 +01:00: 60", "2026-03-29 03:00 +02:00: 60",
            ])
    }

    @Test func `hours of a zone between hours begin with its clock`() throws {
        #expect(
            try buckets(.hour, .fixed(19_800), from: "2026-06-13T08:00Z", to: "2026-06-13T09:00Z")
                == ["2026-06-13 13:00 +05:30: 30", "2026-06-13 14:00 +05:30: 30"])
    }

    @Test func `a bucket of UTC is named by its beginning`() {
        var hours = TimeBuckets(.hour, in: .utc)
        var days = TimeBuckets(.day, in: .utc)
        #expect(hours.bucket(ofMinute: -1).utcName == "1969-12-31T23:00Z")
        #expect(days.bucket(ofMinute: -1).utcName == "1969-12-31T00:00Z")
        #expect(days.bucket(ofMinute: 0).utcName == "1970-01-01T00:00Z")
    }
}
