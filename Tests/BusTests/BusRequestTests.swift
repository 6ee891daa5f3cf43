import Telemetry
import Testing

@testable import Bus

struct BusRequestTests {
    private static let accepted: [(String, BusRequest)] = [
        ("{}", request { _ in }),
        (" { } \r", request { _ in }),
        (#"{"since":0}"#, request { $0.since = 0 }),
        (#"{"since":-1}"#, request { $0.since = -1 }),
        (#"{"since":9223372036854775807}"#, request { $0.since = .max }),
        (#"{"since":-9223372036854775808}"#, request { $0.since = .min }),
        (#"{"source":"a"}"#, request { $0.sources = ["a"] }),
        (#"{"source":["a","b"]}"#, request { $0.sources = ["a", "b"] }),
        (#"{"kind":"stall_episode"}"#, request { $0.kinds = ["stall_episode"] }),
        (#"{"kind":"of a newer logtail"}"#, request { $0.kinds = ["of a newer logtail"] }),
        (#"{"status":["stall","warning"]}"#, request { $0.statuses = ["stall", "warning"] }),
        (#"{"publish":"all"}"#, request { $0.publication = .all }),
        (#"{"publish":"episodes"}"#, request { $0.publication = .episodes }),
        (
            #"{"source":"\u00e9\n\"","since":1}"#,
            request { ($0.sources, $0.since) = (["é\n\""], 1) }
        ),
    ]

    private static let rejected: [(String, String)] = [
        ("", "not valid JSON"),
        ("hello", "not valid JSON"),
        ("{", "not valid JSON"),
        ("{}{}", "not valid JSON"),
        (#"{"since":1"#, "not valid JSON"),
        (#"{since:1}"#, "not valid JSON"),
        ("[]", "one JSON object"),
        ("null", "one JSON object"),
        ("1", "one JSON object"),
        (#""{}""#, "one JSON object"),
        (String(repeating: "[", count: 4_096), "not valid JSON"),
        (String(repeating: #"{"since":"#, count: 450), "not valid JSON"),
        (#"{"sinse":1}"#, #"unknown key "sinse""#),
        (#"{"Since":1}"#, #"unknown key "Since""#),
        (#"{"since":1,"limit":2}"#, #"unknown key "limit""#),
        (#"{"since":"1"}"#, "since must be a whole number"),
        (#"{"since":1.5}"#, "since must be a whole number"),
        (#"{"since":true}"#, "since must be a whole number"),
        (#"{"since":null}"#, "since must be a whole number"),
        (#"{"since":[1]}"#, "since must be a whole number"),
        (#"{"since":9223372036854775808}"#, "since must be a whole number"),
        (#"{"since":-9223372036854775809}"#, "since must be a whole number"),
        (#"{"since":1e400}"#, "since must be a whole number"),
        (#"{"source":1}"#, "source must be a text"),
        (#"{"source":null}"#, "source must be a text"),
        (#"{"source":[]}"#, "source must be a text"),
        (#"{"kind":{"a":"b"}}"#, "kind must be a text"),
        (#"{"kind":["a",1]}"#, "kind must be a text"),
        (#"{"status":[["stall"]]}"#, "status must be a text"),
        (#"{"publish":"ALL"}"#, "publish must be"),
        (#"{"publish":true}"#, "publish must be"),
        (#"{"publish":["all"]}"#, "publish must be"),
    ]

    @Test(arguments: accepted)
    func `a request is read`(line: String, expected: BusRequest) throws {
        #expect(try BusRequest(line: line.utf8) == expected)
    }

    @Test(arguments: rejected)
    func `what is not understood is refused with the reason`(line: String, reason: String) {
        let error = #expect(throws: BusRefusal.self) { try BusRequest(line: line.utf8) }
        #expect(error?.reason.contains(reason) == true, "\(error?.reason ?? "")")
    }

    @Test func `bytes that are not UTF-8 are refused`() {
        #expect(throws: BusRefusal.self) {
            try BusRequest(line: Array(#"{"source":""#.utf8) + [0xFF, 0xC0] + Array(#""}"#.utf8))
        }
    }

    @Test func `a row is wanted where every filter lets it through`() {
        let event = MemoryLog.event(seq: 1)
        func wants(_ change: (inout BusRequest) -> Void) -> Bool {
            Self.request(change).wants(event, .episodes)
        }
        #expect(wants { _ in })
        #expect(wants { $0.sources = ["x", event.source] })
        #expect(!wants { $0.sources = ["x"] })
        #expect(wants { $0.kinds = [event.kind] })
        #expect(!wants { $0.kinds = ["overhead"] })
        #expect(wants { $0.statuses = [event.status] })
        #expect(!wants { ($0.statuses, $0.kinds) = (["degraded"], [event.kind]) })
    }

    @Test func `breaches go out only where all rows are published`() {
        var breach = MemoryLog.event(seq: 1)
        breach.kind = "overhead"
        #expect(!BusRequest().wants(breach, .episodes))
        #expect(BusRequest().wants(breach, .all))
        #expect(Self.request { $0.publication = .all }.wants(breach, .episodes))
        #expect(!Self.request { $0.publication = .episodes }.wants(breach, .all))
    }

    private static func request(_ change: (inout BusRequest) -> Void) -> BusRequest {
        var request = BusRequest()
        change(&request)
        return request
    }
}
