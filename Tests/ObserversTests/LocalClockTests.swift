import Testing

@testable import Observers

@Suite struct LocalClockTests {
    /// Summer time from 2026-03-29 to 2026-10-25, 01:00 UTC both.
    private static let berlin = Zone {
        (1_774_746_000..<1_792_890_000).contains($0) ? 7_200 : 3_600
    }

    /// Half an hour of summer time: until 2026-04-04 15:00 UTC and from 2026-10-03 15:30 UTC.
    private static let lordHowe = Zone { second in
        (1_775_314_800..<1_791_041_400).contains(second) ? 37_800 : 39_600
    }

    /// Reads `MM-DD HH:MM:SS` of 2026 one after the other and gives `HH:MM:SS` in UTC.
    private func read(
        _ times: [String], in zone: Zone, notBefore: Timestamp? = nil
    ) throws -> [String] {
        var clock = LocalClock(zone: zone, notBefore: notBefore)
        return try times.map { time in
            let prefix = Array("2026-\(time),000".utf8)
            let local = try #require(CivilTime(loggingPrefixOf: prefix))
            return String(clock.timestamp(of: local).text.dropLast(5).suffix(8))
        }
    }

    @Test func `follows the zone through the year`() throws {
        let times = ["01-15 12:00:00", "07-15 12:00:00", "12-15 12:00:00"]
        #expect(try read(times, in: Self.berlin) == ["11:00:00", "10:00:00", "11:00:00"])
        #expect(try read(times, in: Self.lordHowe) == ["01:00:00", "01:30:00", "01:00:00"])
        #expect(try read(times, in: .fixed(-34_200)) == ["21:30:00", "21:30:00", "21:30:00"])
    }

    @Test func `the hour that comes twice is read the way that keeps time from running backwards`()
        throws
    {
        let times = [
            "10-25 01:59:59", "10-25 02:00:00", "10-25 02:59:59", "10-25 02:00:00",
            "10-25 02:30:00", "10-25 02:59:59", "10-25 03:00:00",
        ]
        #expect(
            try read(times, in: Self.berlin) == [
                "23:59:59", "00:00:00", "00:59:59", "01:00:00", "01:30:00", "01:59:59", "02:00:00",
            ])
    }

    @Test func `equal times in that hour stay in its first pass`() throws {
        let times = ["10-25 02:10:00", "10-25 02:10:00"]
        #expect(try read(times, in: Self.berlin) == ["00:10:00", "00:10:00"])
    }

    @Test func `what was read before a restart counts`() throws {
        // 2026-10-25T00:30:00Z, in the first pass, and half an hour later, in the second.
        let first = Timestamp(seconds: 1_792_888_200)
        let second = Timestamp(seconds: 1_792_890_000)
        let time = ["10-25 02:40:00"]
        #expect(try read(time, in: Self.berlin) == ["00:40:00"])
        #expect(try read(time, in: Self.berlin, notBefore: first) == ["00:40:00"])
        #expect(try read(time, in: Self.berlin, notBefore: second) == ["01:40:00"])
        #expect(
            try read(time, in: Self.berlin, notBefore: Timestamp(nanoseconds: .max)) == ["01:40:00"]
        )
    }

    @Test func `a time known by its offset counts too`() throws {
        var clock = LocalClock(zone: Self.berlin, notBefore: nil)
        let local = try #require(
            CivilTime(year: 2026, month: 10, day: 25, hour: 2, minute: 10))
        #expect(clock.timestamp(of: local, offset: 3_600).text.hasPrefix("2026-10-25T01:10"))
        #expect(clock.timestamp(of: local).text.hasPrefix("2026-10-25T01:10"))
    }

    @Test func `an earlier time in between does not turn time back`() throws {
        var clock = LocalClock(zone: Self.berlin, notBefore: Timestamp(seconds: 1_792_890_000))
        let old = try #require(CivilTime(year: 2020, month: 1, day: 1))
        let local = try #require(
            CivilTime(year: 2026, month: 10, day: 25, hour: 2, minute: 10))
        #expect(clock.timestamp(of: old).text.hasPrefix("2019-12-31T23:00"))
        #expect(clock.timestamp(of: local).text.hasPrefix("2026-10-25T01:10"))
    }

    @Test func `the hour left out is read with the offset before it`() throws {
        let times = ["03-29 01:59:59", "03-29 02:00:00", "03-29 02:30:00", "03-29 03:00:00"]
        #expect(
            try read(times, in: Self.berlin) == ["00:59:59", "01:00:00", "01:30:00", "01:00:00"])
    }

    @Test func `half an hour of summer time`() throws {
        // 01:30 to 02:00 comes twice in April, 02:00 to 02:30 is left out in October.
        let autumn = ["04-05 01:29:00", "04-05 01:45:00", "04-05 01:30:00", "04-05 02:00:00"]
        #expect(
            try read(autumn, in: Self.lordHowe) == ["14:29:00", "14:45:00", "15:00:00", "15:30:00"])
        let spring = ["10-04 01:59:00", "10-04 02:15:00", "10-04 02:30:00"]
        #expect(try read(spring, in: Self.lordHowe) == ["15:29:00", "15:45:00", "15:30:00"])
    }

    @Test func `an instant known by other means gives the offset, to a quarter of an hour`() {
        let local = CivilTime(unixSecond: 1_795_225_742, nanosecond: 500_000_000)
        let table: [(before: Int64, elapsed: Double, offset: Int)] = [
            (0, 0, 0), (3_600, 0, 3_600), (3_602, 1_700, 3_600), (19_800, 0, 19_800),
            (-17_999, 0, -18_000), (20_700, 0, 20_700), (31_500, 0, 31_500), (449, 0, 0),
            (450, 0, 900), (8_600, 5_000_000, 3_600), (50_400, 0, 50_400), (-50_400, 0, -50_400),
        ]
        for row in table {
            let second = 1_795_225_742 - row.before
            #expect(
                LocalClock.offset(of: local, after: second, elapsedMilliseconds: row.elapsed)
                    == row.offset)
        }
    }

    @Test func `an offset beyond fourteen hours is none`() {
        let local = CivilTime(unixSecond: 1_795_225_742)
        let second: Int64 = 1_795_225_742
        let table: [(after: Int64, elapsed: Double)] = [
            (second - 51_300, 0), (second + 51_300, 0), (1, 0), (0, 0), (Int64.max, 0),
            (Int64.min, 0), (second, 1e308), (second, -1e308), (second, .infinity), (second, .nan),
        ]
        for row in table {
            #expect(
                LocalClock.offset(of: local, after: row.after, elapsedMilliseconds: row.elapsed)
                    == nil)
        }
    }
}
