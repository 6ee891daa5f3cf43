import Testing

@testable import Observers

@Suite struct TimestampTests {
    @Test(arguments: [
        (0, "1970-01-01T00:00:00.000Z", "1970-01-01T00:00Z"),
        (-1, "1969-12-31T23:59:59.999Z", "1969-12-31T23:59Z"),
        (1_781_340_901_123_999_999, "2026-06-13T08:55:01.123Z", "2026-06-13T08:55Z"),
        (951_782_400_000_000_000, "2000-02-29T00:00:00.000Z", "2000-02-29T00:00Z"),
        (Int64.max, "2262-04-11T23:47:16.854Z", "2262-04-11T23:47Z"),
        (Int64.min, "1677-09-21T00:12:43.145Z", "1677-09-21T00:12Z"),
    ])
    func `is text in UTC, cut to milliseconds`(
        _ nanoseconds: Int64, _ text: String, _ minute: String
    ) {
        let timestamp = Timestamp(nanoseconds: nanoseconds)
        #expect(timestamp.text == text)
        #expect(timestamp.minuteText == minute)
    }

    @Test(arguments: [
        0, -1, 1_781_340_901_123_999_999, 951_782_400_000_000_000, Int64.max,
        -9_000_000_000_123_456_789,
    ])
    func `is read back from its text`(nanoseconds: Int64) throws {
        let timestamp = Timestamp(nanoseconds: nanoseconds)
        let read = try #require(Timestamp(text: timestamp.text))
        #expect(timestamp.nanoseconds(since: read) < 1_000_000 && read <= timestamp)
        let minute = try #require(Timestamp(minuteText: timestamp.minuteText))
        #expect(minute.unixMinute == timestamp.unixMinute)
        #expect(minute.nanoseconds.isMultiple(of: 60_000_000_000))
    }

    @Test(arguments: [
        "", "2026", "2026-06-13", "2026-06-13T08:55:01Z", "2026-06-13T08:55:01.123456Z",
        "2026-06-13 08:55:01.123Z", "2026-06-13T08:55:01.123+", "2026-06-13T08:55:01,123Z",
        "2026-02-30T08:55:01.123Z", "2026-06-13T24:55:01.123Z", "2026-06-13T08:55:01.123Z ",
        "2026-06-13T08:55:00.12\u{e9}", "2026-06-13T08:55", "26-06-13T08:55Z",
        "2026-06-13T08:60Z", "2026-06-13T08:55z", "2026-06-13 08:55Z",
    ])
    func `is not read from another text`(text: String) {
        #expect(Timestamp(text: text) == nil)
        #expect(Timestamp(minuteText: text) == nil)
    }

    @Test func `saturates instead of trapping`() {
        let last = Timestamp(nanoseconds: .max)
        let first = Timestamp(nanoseconds: .min)
        #expect(Timestamp(seconds: .max) == last)
        #expect(Timestamp(seconds: .min) == first)
        #expect(Timestamp(seconds: 9_223_372_036, nanoseconds: 999_999_999) == last)
        #expect(last.advanced(byMilliseconds: 1) == last)
        #expect(first.advanced(byNanoseconds: -1) == first)
        for milliseconds in [1e308, .infinity, 1e13] {
            #expect(Timestamp(nanoseconds: 0).advanced(byMilliseconds: milliseconds) == last)
            #expect(Timestamp(nanoseconds: 0).advanced(byMilliseconds: -milliseconds) == first)
        }
        #expect(last.advanced(byMilliseconds: .nan) == last)
        #expect(last.nanoseconds(since: first) == .max)
        #expect(first.nanoseconds(since: last) == .min)
    }

    @Test func `moves by fractions of a millisecond, to the nearest nanosecond`() {
        let start = Timestamp(seconds: 1)
        #expect(start.advanced(byMilliseconds: -19.825932000003377).nanoseconds == 980_174_068)
        #expect(start.advanced(byMilliseconds: 0.0000004).nanoseconds == 1_000_000_000)
        #expect(start.advanced(byMilliseconds: 0.0000005).nanoseconds == 1_000_000_001)
        #expect(Timestamp(seconds: 3).milliseconds(since: start) == 2_000)
    }

    @Test(arguments: [(7, 2, 3, 1), (-7, 2, -4, 1), (-8, 2, -4, 0), (0, 5, 0, 0)])
    func `divides towards negative infinity`(
        _ value: Int, _ divisor: Int, _ quotient: Int, _ remainder: Int
    ) {
        let result = Int64(value).floorDividedWithRemainder(by: Int64(divisor))
        #expect(result.quotient == Int64(quotient))
        #expect(result.remainder == remainder)
        #expect(Int64(value).floorDivided(by: Int64(divisor)) == Int64(quotient))
    }

    @Test func `minutes and seconds before the epoch are rounded down`() {
        let timestamp = Timestamp(nanoseconds: -1)
        #expect(timestamp.unixSecond == -1)
        #expect(timestamp.unixMinute == -1)
        #expect(timestamp < Timestamp(nanoseconds: 0))
    }
}
