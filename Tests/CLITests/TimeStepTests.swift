import Foundation
import Observers
import TestSupport
import Testing

@testable import CLI

@Suite struct TimeStepTests {
    private func minute(_ text: String) throws -> Int64 {
        guard case .instant(let time) = try #require(QueryTime(argument: text)) else { return 0 }
        return time.unixMinute
    }

    private func boundaries(
        _ step: TimeStep, _ first: String, _ end: String, zone: String = "UTC"
    ) throws -> [String] {
        let zone = Zone(try #require(TimeZone(identifier: zone)))
        let window = try minute(first)..<minute(end)
        return step.boundaries(of: window, in: zone)
            .map { Timestamp(seconds: $0 * 60).minuteText }
    }

    @Test func `stretches begin at round times and cover the window`() throws {
        #expect(
            try boundaries(.minutes(15), "2026-06-13T08:07Z", "2026-06-13T08:31Z")
                == ["08:00", "08:15", "08:30", "08:45"].map { "2026-06-13T\($0)Z" })
        #expect(
            try boundaries(.minutes(60), "2026-06-13T08:00Z", "2026-06-13T10:00Z")
                == ["08:00", "09:00", "10:00"].map { "2026-06-13T\($0)Z" })
    }

    @Test func `an hour of a zone with half hours begins where its clocks say so`() throws {
        #expect(
            try boundaries(
                .minutes(60), "2026-06-13T08:00Z", "2026-06-13T09:00Z", zone: "Asia/Kolkata")
                == ["07:30", "08:30", "09:30"].map { "2026-06-13T\($0)Z" })
    }

    @Test func `a day of the place has 23 or 25 hours where clocks change`() throws {
        #expect(
            try boundaries(
                .minutes(1_440), "2026-03-28T12:00Z", "2026-03-30T12:00Z", zone: "Europe/Berlin")
                == [
                    "2026-03-27T23:00Z", "2026-03-28T23:00Z", "2026-03-29T22:00Z",
                    "2026-03-30T22:00Z",
                ])
        #expect(
            try boundaries(
                .minutes(1_440), "2026-10-25T00:00Z", "2026-10-26T00:00Z", zone: "Europe/Berlin")
                == ["2026-10-24T22:00Z", "2026-10-25T23:00Z", "2026-10-26T23:00Z"])
    }

    @Test func `weeks begin on Monday, months on their first, years in January`() throws {
        #expect(
            try boundaries(.minutes(10_080), "2026-06-13T00:00Z", "2026-06-16T00:00Z")
                == ["2026-06-08T00:00Z", "2026-06-15T00:00Z", "2026-06-22T00:00Z"])
        #expect(
            try boundaries(.months(1), "2026-11-13T00:00Z", "2026-12-24T00:00Z")
                == ["2026-11-01T00:00Z", "2026-12-01T00:00Z", "2027-01-01T00:00Z"])
        #expect(
            try boundaries(.months(12), "2026-11-13T00:00Z", "2027-02-01T00:00Z")
                == ["2026-01-01T00:00Z", "2027-01-01T00:00Z", "2028-01-01T00:00Z"])
    }

    @Test func `any window of any zone is covered by few stretches that ascend`() throws {
        var random = SeededGenerator()
        let zones = ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"]
        for _ in 0..<2_000 {
            let zone = Zone(
                try #require(TimeZone(identifier: zones.randomElement(using: &random)!)))
            let length = Int64(exp(Double.random(in: 0..<17, using: &random)))
            let first = Int64.random(in: -10_000_000..<60_000_000, using: &random)
            let window = first..<first + max(length, 1)
            let count = Int64.random(in: 2...96, using: &random)
            let step = TimeStep.fitting(window, atMost: count)
            let boundaries = step.boundaries(of: window, in: zone)
            #expect(boundaries.first! <= window.lowerBound)
            #expect(boundaries.last! >= window.upperBound)
            #expect(boundaries.dropFirst().first! > window.lowerBound)
            #expect(boundaries.dropLast().last! < window.upperBound)
            #expect(zip(boundaries, boundaries.dropFirst()).allSatisfy { $0 < $1 })
            #expect(boundaries.count <= count + 4, "\(step) for \(window) at most \(count)")
        }
    }

    @Test func `times that nothing names are no endless loop`() {
        for window in [-5_000_000_000..<(-4_999_999_000), 153_722_000..<153_722_867] {
            let window = Int64(window.lowerBound)..<Int64(window.upperBound)
            for step in TimeStep.all {
                let boundaries = step.boundaries(of: window, in: .utc)
                #expect(boundaries.count < 3_000)
            }
        }
    }
}
