import Testing

@testable import Observers

@Suite struct LogTimeFormatsTests {
    @Test(arguments: [
        "2026-11-21 01:37:09,281 - headroom.proxy - INFO", "2026-11-21 01:37:09,281",
        "2026-11-21 01:37:09,281x",
    ])
    func `reads the prefix of Python's logging`(_ line: String) throws {
        let bytes = Array(line.utf8)
        let time = try #require(CivilTime(loggingPrefixOf: bytes))
        #expect(time.secondsAsUTC == 1_795_225_029)
        #expect(time.nanosecond == 281_000_000)
    }

    @Test(arguments: [
        "", "2", "2026-11-21 01:37:09,28", "2026-11-21 01:37:09,2811", "2026-11-21 01:37:09.281 ",
        " 2026-11-21 01:37:09,281", "2026-11-21T01:37:09,281", "2026-13-21 01:37:09,281",
        "2026-02-29 01:37:09,281", "2026-11-21 24:37:09,281", "2026/11/21 01:37:09,281",
        "2026-11-21 01-37-09,281", "2o26-11-21 01:37:09,281", "+026-11-21 01:37:09,281",
        "-026-11-21 01:37:09,281", "２026-11-21 01:37:09,281",
    ])
    func `takes nothing else for that prefix`(_ line: String) {
        #expect(CivilTime(loggingPrefixOf: Array(line.utf8)) == nil)
    }

    @Test(arguments: [
        ("21/Nov/2026:07:19:02 +0530", 1_795_225_742),
        ("21/Nov/2026:01:49:02 +0000", 1_795_225_742),
        ("20/Nov/2026:16:19:02 -0930", 1_795_225_742), ("01/Jan/1970:00:00:00 +0000", 0),
    ])
    func `reads the time of an access log`(_ text: String, _ second: Int64) {
        #expect(Timestamp(accessLogTime: Array(text.utf8))?.unixSecond == second)
    }

    @Test(arguments: [
        "", "21/Nov/2026:07:19:02", "21/Nov/2026:07:19:02 0530", "21/Nov/2026:07:19:02 +05:30",
        "21/nov/2026:07:19:02 +0530", "21/11/2026:07:19:02 +0530", "31/Nov/2026:07:19:02 +0530",
        "21/Nov/2026 07:19:02 +0530", "21/Nov/2026:07:19:02 +0560", "21/Nov/2026:07:19:02 +053",
    ])
    func `takes nothing else for the time of an access log`(_ text: String) {
        #expect(Timestamp(accessLogTime: Array(text.utf8)) == nil)
    }

    @Test func `reads ISO 8601 as nginx writes it`() {
        for (text, second) in [
            ("2026-11-21T07:19:02+05:30", 1_795_225_742 as Int64?),
            ("2026-11-20T16:19:02-09:30", 1_795_225_742),
            ("2026-11-21T01:49:02+00:00", 1_795_225_742),
            ("", nil), ("2026-11-21T01:49:02", nil), ("2026-11-21T01:49:02Z", nil),
            ("2026-11-21T01:49:02+0000", nil), ("2026-11-21T01:49:02+00:000", nil),
            ("2026-11-21 01:49:02+00:00", nil),
        ] {
            #expect(Timestamp(iso8601: Array(text.utf8))?.unixSecond == second, "\(text)")
        }
    }
}
