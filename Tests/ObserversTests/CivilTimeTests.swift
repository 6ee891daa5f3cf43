import Foundation
import TestSupport
import Testing

@testable import Observers

@Suite struct CivilTimeTests {
    @Test func `goes to seconds and back as Foundation's calendar does`() throws {
        var random = SeededGenerator(for: "civil times")
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = try #require(TimeZone(identifier: "UTC"))
        // 1600 to 2600, where the Gregorian calendar of both is the same.
        for _ in 0..<2_000 {
            let second = Int64.random(in: -11_676_096_000..<19_880_899_200, using: &random)
            let civil = CivilTime(unixSecond: second)
            let parts = calendar.dateComponents(
                [.year, .month, .day, .hour, .minute, .second],
                from: Date(timeIntervalSince1970: Double(second)))
            #expect(civil.year == parts.year && civil.month == parts.month)
            #expect(civil.day == parts.day && civil.hour == parts.hour)
            #expect(civil.minute == parts.minute && civil.second == parts.second)
            #expect(civil.secondsAsUTC == second)
        }
    }

    @Test func `takes every day of every kind of year`() {
        for year in [1900, 2000, 2023, 2024] {
            var days = 0
            for month in 1...12 {
                days += (1...31).count { CivilTime(year: year, month: month, day: $0) != nil }
            }
            #expect(days == (year == 2000 || year == 2024 ? 366 : 365))
        }
    }

    @Test(arguments: [
        (2026, 0, 1, 0, 0, 0, 0), (2026, 13, 1, 0, 0, 0, 0), (2026, 1, 0, 0, 0, 0, 0),
        (2026, 1, 32, 0, 0, 0, 0), (2026, 2, 29, 0, 0, 0, 0), (2026, 4, 31, 0, 0, 0, 0),
        (2026, 1, 1, 24, 0, 0, 0), (2026, 1, 1, 0, 60, 0, 0), (2026, 1, 1, 0, 0, 61, 0),
        (2026, 1, 1, 0, 0, 0, 1_000_000_000), (2026, 1, 1, 0, 0, 0, -1), (-1, 1, 1, 0, 0, 0, 0),
        (10_000, 1, 1, 0, 0, 0, 0), (Int.max, 1, 1, 0, 0, 0, 0), (2026, Int.min, 1, 0, 0, 0, 0),
    ])
    func `refuses what no calendar has`(
        _ year: Int, _ month: Int, _ day: Int, _ hour: Int, _ minute: Int, _ second: Int,
        _ nanosecond: Int
    ) {
        #expect(
            CivilTime(
                year: year, month: month, day: day, hour: hour, minute: minute, second: second,
                nanosecond: nanosecond) == nil)
    }

    @Test func `a leap second counts as the next second`() throws {
        let leap = try #require(
            CivilTime(year: 2016, month: 12, day: 31, hour: 23, minute: 59, second: 60))
        let next = try #require(CivilTime(year: 2017, month: 1, day: 1))
        #expect(leap.secondsAsUTC == next.secondsAsUTC)
    }

    @Test func `extreme seconds do not trap`() {
        for second in [Int64.min, Int64.min + 1, -1, 0, Int64.max / 2, Int64.max] {
            let civil = CivilTime(unixSecond: second)
            #expect((1...12).contains(civil.month) && (1...31).contains(civil.day))
        }
    }

    @Test func `an offset east of UTC makes an earlier instant`() throws {
        let civil = try #require(
            CivilTime(year: 2026, month: 11, day: 21, hour: 7, minute: 19, second: 2, nanosecond: 5)
        )
        #expect(civil.timestamp(offset: 19_800).nanoseconds == 1_795_225_742_000_000_005)
    }
}
