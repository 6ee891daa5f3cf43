import Testing

@testable import Observers

@Suite struct NginxObserverTests {
    private static let start =
        #"10.0.0.1 - - [21/Nov/2026:07:19:02 +0530] "GET /a HTTP/1.1" 200 12 "-" "curl/8.5.0""#

    /// What a line says: `latency connect header response dominant`, `-` where there is none.
    private func summary(_ line: String) -> String {
        var observer = NginxObserver(ObserverOptions())
        switch observer.observe(line).outcome {
        case .irrelevant: return "irrelevant"
        case .unparsed(let reason): return "\(reason)"
        case .observation(let observation):
            var texts = ["\(observation.latencyMilliseconds)"]
            for name in ["upstream_connect", "upstream_header", "upstream_response"] {
                let sample = (0..<observation.stages.count).map { observation.stages[$0] }
                    .first { observer.stages.name(of: $0.stage) == name }
                texts.append(sample.map { "\($0.milliseconds)" } ?? "-")
            }
            texts.append(observation.dominantStage.map { observer.stages.name(of: $0) } ?? "-")
            #expect(observation.queuedMilliseconds == 0)
            return texts.joined(separator: " ")
        }
    }

    private func timestamp(_ line: String) -> String? {
        var observer = NginxObserver(ObserverOptions(zone: .fixed(3_600)))
        let reading = observer.observe(line)
        if case .observation(let observation) = reading.outcome {
            #expect(observation.eventTime == reading.timestamp)
        }
        return reading.timestamp?.text
    }

    @Test(arguments: [
        (#"rt=0.007 uct="0.000" uht="0.007" urt="0.007""#, "7.0 0.0 7.0 7.0 upstream_response"),
        (#"rt=1.001"#, "1001.0 - - - -"),
        (
            #"rt=0.009 uct="0.000 : 0.000" uht="0.006 : 0.002" urt="0.006 : 0.003""#,
            "9.0 0.0 8.0 9.0 upstream_response"
        ),
        (
            #"rt=0.024 uct="-, 0.000" uht="-, 0.024" urt="0.000, 0.024""#,
            "24.0 0.0 24.0 24.0 upstream_response"
        ),
        (#"rt=0.100 uct="0.001, - : 0.002" uht="-, -" urt="-""#, "100.0 3.0 - - -"),
        (#"rt=0.000 uct="-" uht="-" urt="-""#, "0.0 - - - -"),
        (#"rt=0.000 urt="0.000""#, "0.0 - - 0.0 -"),
        (#"rt=0.100 urt="0.050""#, "100.0 - - 50.0 upstream_response"),
        (#"rt=0.100 urt="0.049""#, "100.0 - - 49.0 -"),
        (#"urt="0.004" rt=0.005 uct="""#, "5.0 - - 4.0 upstream_response"),
        (#"rt="0.005" urt=0.001, 0.002 uht=0.003 : 0.001"#, "5.0 - 4.0 3.0 upstream_response"),
        (#"rt=0.005, uct=0.001, urt=0.004"#, "5.0 1.0 - 4.0 upstream_response"),
        (#"cs=HIT rt=0.005 ua="rt=9.999" host=a|urt=0.004|x"#, "5.0 - - 4.0 upstream_response"),
        (#"rt=12345.678 sn="rt=1 urt=\"9.999\" rt=2""#, "12345678.0 - - - -"),
        (#"rt=0.005 urt=0.004\#u{D}"#, "5.0 - - 4.0 upstream_response"),
        (#"art=7 rt=0.005 xrt=9 "rt=8""#, "5.0 - - - -"),
    ])
    func `reads the fields of a text line in any order`(_ fields: String, _ expected: String) {
        #expect(summary(Self.start + " " + fields) == expected)
    }

    @Test(arguments: [
        "", "rt=", "rt=-", "rt=x", "rt=0.005s", "rt=1.2.3", "rt=0.005ms", #"rt="0.005"#,
        #"rt="0.005 ""#, "rt=+1", "rt=.5", "rt=NaN", "rt=1e306", #"rt=0.1 urt="abc""#,
        #"rt=0.1 urt="0.1 0.2""#, #"rt=0.1 urt="0.1, ""#, #"rt=0.1 urt="0.1,0.2""#,
        "rt=0.1 uct=1e306",
        #"rt=0.1 urt="1e305, 1e305, 1e305, 1.7e305, 1e305""#, #"rt=0.1 "cut off"#,
        #"rt=0.1 "cut off\"#,
    ])
    func `what is not there or no number does not parse`(_ fields: String) {
        let found = summary(Self.start + " " + fields)
        #expect(
            [
                "no request time", "the request time is no number", "an upstream time is no number",
                "a quote that does not end",
            ].contains(found), "\(found)")
    }

    @Test func `text that a client chose passes for no field`() {
        let agent = #""rt=9.999 urt=\x227.777\x22 fake" rt=0.009"#
        #expect(
            summary(Self.start.replacing("curl/8.5.0", with: "x") + " " + agent).hasPrefix("9.0 "))
        // A user name is not quoted, but stands before the time.
        let user =
            #"10.0.0.1 - a [21/Nov/2020:00:00:00 +0000] rt=9.999 urt=9 [21/Nov/2026:07:19:02 "#
            + #"+0530] "GET / HTTP/1.1" 200 12 "-" "-""#
        #expect(summary(user) == "no request time")
        #expect(timestamp(user + " rt=0.001") == "2026-11-21T01:49:02.000Z")
        #expect(summary(user + " rt=0.001") == "1.0 - - - -")
        // With escape=json quotes come as \".
        #expect(summary(Self.start + #" "\" rt=9.999 \"""#) == "no request time")
        #expect(summary(Self.start + #" rt=0.001 "\" rt=9.999 \"""#) == "1.0 - - - -")
        #expect(summary(Self.start + #" "ends in \\" rt=0.001"#) == "1.0 - - - -")
    }

    @Test func `other lines of nginx do not parse`() {
        #expect(summary(Self.start) == "no request time")
        #expect(
            summary(
                #"2026/11/21 07:19:02 [error] 25601#25601: *4 connect() failed (111: Connection "#
                    + #"refused) while connecting to upstream, request: "GET /rt=1 HTTP/1.1""#)
                == "no request time")
    }

    @Test(arguments: ["", " ", "\r", "\t \r"])
    func `blank lines are irrelevant`(_ line: String) {
        #expect(summary(line) == "irrelevant")
    }

    @Test func `the time is the bracketed one`() {
        #expect(timestamp(Self.start + " rt=0.1") == "2026-11-21T01:49:02.000Z")
        #expect(timestamp(Self.start) == "2026-11-21T01:49:02.000Z")
        #expect(timestamp("[2026-11-21T07:19:02+05:30] rt=0.1") == "2026-11-21T01:49:02.000Z")
        #expect(timestamp("[21/Nov/2026] rt=0.1") == nil)
        #expect(timestamp(#""[21/Nov/2026:07:19:02 +0530]" rt=0.1"#) == nil)
        #expect(summary("[21/Nov/2026] rt=0.1") == "100.0 - - - -")
    }

    @Test(arguments: [
        (#"{"request_time":0.007}"#, "7.0 - - - -"),
        (#" {"request_time" : "1.001" } "#, "1001.0 - - - -"),
        (
            #"{"upstream_response_time":"0.000, 0.007","request_time":0.007,"#
                + #""x":{"request_time":9}}"#,
            "7.0 - - 7.0 upstream_response"
        ),
        (
            #"{"request_time":0.1,"upstream_connect_time":"0.001","upstream_header_time":0.002,"#
                + #""upstream_response_time":"-"}"#, "100.0 1.0 2.0 - -"
        ),
        (
            #"{"request_time":0.1,"upstream_response_time":"","upstream_header_time":null}"#,
            "100.0 - - - -"
        ),
        (#"{"request_time":1,"request_time":2,"ua":"request_time\":3"}"#, "1000.0 - - - -"),
        (#"{"r\u0065quest_time":1}"#, "1000.0 - - - -"),
        ("{}", "no request time"), (#"{"request_time":null}"#, "no request time"),
        (#"{"request_time":""}"#, "no request time"),
        (#"{"request_time":"-"}"#, "the request time is no number"),
        (#"{"request_time":true}"#, "the request time is no number"),
        (#"{"request_time":"1 "}"#, "the request time is no number"),
        (#"{"request_time":1e307}"#, "the request time is no number"),
        (#"{"request_time":1,"upstream_response_time":"x"}"#, "an upstream time is no number"),
        (#"{"request_time":1,"upstream_response_time":[1]}"#, "an upstream time is no number"),
        (#"{"request_time":1"#, "not one JSON object"),
        (#"{"request_time":1} x"#, "not one JSON object"),
        (#"{"request_time":0.1} rt=0.5"#, "not one JSON object"),
    ])
    func `reads the members of a JSON line`(_ line: String, _ expected: String) {
        #expect(summary(line) == expected)
    }

    @Test func `a client's bytes need not be UTF-8`() {
        var observer = NginxObserver(ObserverOptions())
        let line =
            Array(#"{"request":""#.utf8) + [0xFF, 0xFC, 0x80]
            + Array(#"","request_time":0.5}"#.utf8)
        guard case .observation(let observation) = observer.observe(line.span).outcome else {
            Issue.record("no observation")
            return
        }
        #expect(observation.latencyMilliseconds == 500)
    }

    @Test(arguments: [
        (
            #"{"request_time":1,"msec":1795225742.894,"time":"2020-01-01T00:00:00+00:00"}"#,
            "2026-11-21T01:49:02.894Z"
        ),
        (#"{"request_time":1,"msec":"1795225742.894"}"#, "2026-11-21T01:49:02.894Z"),
        (#"{"request_time":1,"time":"2026-11-21T07:19:02+05:30"}"#, "2026-11-21T01:49:02.000Z"),
        (#"{"time":"2026-11-21T07:19:02+05:30"}"#, "2026-11-21T01:49:02.000Z"),
        (
            #"{"request_time":1,"msec":"x","time":"2026-11-21T07:19:02+05:30"}"#,
            "2026-11-21T01:49:02.000Z"
        ),
        (#"{"request_time":1,"msec":1e300}"#, "2262-04-11T23:47:16.854Z"),
        (#"{"request_time":1,"msec":-1e300}"#, "1677-09-21T00:12:43.145Z"),
        (#"{"request_time":1,"time":5}"#, nil), (#"{"request_time":1,"time":"now"}"#, nil),
        (#"{"request_time":1}"#, nil),
    ])
    func `the time of a JSON line is msec, else time`(_ line: String, _ expected: String?) {
        #expect(timestamp(line) == expected)
    }

    @Test func `is found where nginx logs by default`() {
        #expect(NginxObserver.descriptor.usualPaths([:]) == ["/var/log/nginx/access.log"])
    }
}
