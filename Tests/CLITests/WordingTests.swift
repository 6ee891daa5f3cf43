import Observers
import Testing

@testable import CLI

@Suite struct WordingTests {
    @Test(arguments: [
        (0, "2026-06-13 08:55:01.123 +00:00"), (7_200, "2026-06-13 10:55:01.123 +02:00"),
        (-12_600, "2026-06-13 05:25:01.123 -03:30"), (20_700, "2026-06-13 14:40:01.123 +05:45"),
    ])
    func `times are local and say their zone`(offset: Int, expected: String) {
        #expect(Wording.localTime("2026-06-13T08:55:01.123Z", .fixed(offset)) == expected)
    }

    @Test func `what is no time is shown as it is`() {
        #expect(Wording.localTime("soon", .utc) == "soon")
        #expect(Wording.age(of: "soon", now: Timestamp(seconds: 0)) == "soon")
    }

    @Test(arguments: [
        (0.0, "0.0 ms"), (612.54, "612.5 ms"), (999.9, "999.9 ms"), (1_000, "1.00 s"),
        (2_301.5, "2.30 s"), (75_000, "75.0 s"), (-3, "-3.0 ms"),
    ])
    func `latencies are short`(milliseconds: Double, expected: String) {
        #expect(Wording.latency(milliseconds) == expected)
    }

    @Test(
        arguments: [
            (0, "0 B"), (1_023, "1023 B"), (1_024, "1.0 KiB"), (4_711, "4.6 KiB"),
            (5 << 30, "5.0 GiB"), (.max, "8.0 EiB"),
        ] as [(Int64, String)])
    func `bytes are short`(count: Int64, expected: String) {
        #expect(Wording.bytes(count) == expected)
    }

    @Test(
        arguments: [
            (-5, "0 s ago"), (3, "3 s ago"), (119, "119 s ago"), (120, "2 min ago"),
            (7_200, "2 h ago"), (200_000, "2 d ago"),
        ] as [(Int64, String)])
    func `ages are short`(seconds: Int64, expected: String) {
        let now = Timestamp(seconds: 1_781_340_901 + seconds)
        #expect(Wording.age(of: "2026-06-13T08:55:01.000Z", now: now) == expected)
    }
}
