import Observers
import Testing

@testable import CLI

@Suite struct QueryTimeTests {
    /// 2026-06-13T08:55:01Z
    private let now = Timestamp(seconds: 1_781_340_901)

    /// Two hours east of UTC until 2026-10-25T01:00Z, one hour after it.
    private let zone = Zone { $0 < 1_792_890_000 ? 7_200 : 3_600 }

    @Test(arguments: [
        ("2026-06-13T08:55:01Z", "2026-06-13T08:55:01.000Z"),
        ("2026-06-13t08:55:01z", "2026-06-13T08:55:01.000Z"),
        ("2026-06-13T08:55:01.1Z", "2026-06-13T08:55:01.100Z"),
        ("2026-06-13T08:55:01.123456789Z", "2026-06-13T08:55:01.123Z"),
        ("2026-06-13T08:55:01.1234567890123456789Z", "2026-06-13T08:55:01.123Z"),
        ("2026-06-13T10:55:01+02:00", "2026-06-13T08:55:01.000Z"),
        ("2026-06-13 10:55:01+0200", "2026-06-13T08:55:01.000Z"),
        ("2026-06-13T03:25:01-05:30", "2026-06-13T08:55:01.000Z"),
        ("2026-06-13T08:55Z", "2026-06-13T08:55:00.000Z"),
        ("2026-06-13", "2026-06-12T22:00:00.000Z"),
        ("2026-06-13 10:55", "2026-06-13T08:55:00.000Z"),
        ("2026-06-13 10:55:01", "2026-06-13T08:55:01.000Z"),
        ("2026-06-13T10:55:01.5", "2026-06-13T08:55:01.500Z"),
        ("2026-12-24 18:00", "2026-12-24T17:00:00.000Z"),
        ("2024-02-29", "2024-02-28T22:00:00.000Z"),
        ("90s", "2026-06-13T08:53:31.000Z"), ("5m", "2026-06-13T08:50:01.000Z"),
        ("2h", "2026-06-13T06:55:01.000Z"), ("1d", "2026-06-12T08:55:01.000Z"),
        ("0s", "2026-06-13T08:55:01.000Z"),
    ])
    func `a time in any of the forms is understood`(text: String, expected: String) throws {
        let time = try #require(QueryTime(argument: text))
        #expect(time.timestamp(now: now, zone: zone).text == expected)
    }

    @Test func `of an hour that comes twice the first is meant`() throws {
        let time = try #require(QueryTime(argument: "2026-10-25 02:30"))
        #expect(time.timestamp(now: now, zone: zone).text == "2026-10-25T00:30:00.000Z")
    }

    @Test func `an age of any length is at most as old as time`() throws {
        let time = try #require(QueryTime(argument: "106751991167d"))
        #expect(time.timestamp(now: now, zone: zone) < now)
    }

    @Test(arguments: [
        "", " ", "s", "d", "5", "5w", "-5m", "+5m", "5.5h", "1h30m", "5 m", "٣m", "now",
        "9223372036854775807d", "99999999999999999999s", "2026", "2026-06", "2026-6-13",
        "2026-13-01", "2026-02-30", "2025-02-29", "2026-06-13T", "2026-06-13T08",
        "2026-06-13T24:00", "2026-06-13T08:60", "2026-06-13T08:55:61Z", "2026-06-13T08:55:01.Z",
        "2026-06-13T08:55:01+", "2026-06-13T08:55:01+2", "2026-06-13T08:55:01+25:00",
        "2026-06-13T08:55:01+02:60", "2026-06-13T08:55:01ZZ", "2026-06-13T08:55:01 Z",
        "2026-06-13  08:55", "x2026-06-13", "2026-06-13x", "2026/06/13",
    ])
    func `anything else is refused`(text: String) {
        #expect(QueryTime(argument: text) == nil)
    }
}
