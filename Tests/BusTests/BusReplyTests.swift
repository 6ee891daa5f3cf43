import Telemetry
import Testing

@testable import Bus

struct BusReplyTests {
    /// Oldest row (nil: none), newest ever, since, expected `oldest`, truncated.
    private static let greetings: [(Int64?, Int64, Int64?, Int64, Bool)] = [
        (nil, 0, nil, 1, false),
        (nil, 0, 0, 1, false),
        (nil, 0, .min, 1, false),
        (nil, 0, .max, 1, false),
        (1, 9, nil, 1, false),
        (1, 9, 0, 1, false),
        (1, 9, -1, 1, false),
        (1, 9, .min, 1, false),
        (1, 9, .max, 1, false),
        (5, 9, nil, 5, false),
        (5, 9, 3, 5, true),
        (5, 9, 4, 5, false),
        (5, 9, 0, 5, true),
        (5, 9, .min, 5, true),
        (5, 9, .max, 5, false),
        (nil, 9, 8, 10, true),
        (nil, 9, 9, 10, false),
        (nil, 9, .min, 10, true),
        (.max, .max, .max - 1, .max, false),
        (.max, .max, .max - 2, .max, true),
        (.max, .max, .min, .max, true),
        (nil, .max, .max, .max, false),
        (nil, .max, 0, .max, true),
    ]

    @Test(arguments: greetings)
    func `the greeting tells how far rows reach and whether some are gone`(
        oldest: Int64?, latest: Int64, since: Int64?, told: Int64, truncated: Bool
    ) {
        let line = BusReply.hello(EventBounds(oldest: oldest, latest: latest), since: since)
        #expect(
            String(decoding: line, as: UTF8.self)
                == #"{"hello":"logtail","oldest":\#(told),"latest":\#(latest),"#
                + #""truncated":\#(truncated)}"# + "\n")
    }

    @Test func `the other lines are what the contract says`() {
        #expect(
            String(decoding: BusReply.lagged(seq: 7), as: UTF8.self)
                == #"{"lagged":true,"seq":7}"# + "\n")
        #expect(
            String(decoding: BusReply.error("say \"{}\""), as: UTF8.self)
                == #"{"error":"say \"{}\""}"# + "\n")
    }
}
