import Testing

@testable import Observers

@Suite struct HeadroomObserverTests {
    private static let prefix =
        "2026-11-21 01:37:09,281 - headroom.proxy - INFO - [x] STAGE_TIMINGS "
    /// The prefix's time as UTC.
    private static let second: Int64 = 1_795_225_029

    private static func payload(
        _ stages: String, path: String = "anthropic_messages", id: String = "hr_1795225026_000022"
    ) -> String {
        #"{"event": "stage_timings", "path": "\#(path)", "request_id": "\#(id)", "#
            + #""session_id": "s", "stages": {\#(stages)}}"#
    }

    private func reading(
        _ payload: String, zone: Zone = .utc, prefix: String = Self.prefix
    ) -> (reading: FullReading, names: StageNames) {
        var observer = HeadroomObserver(ObserverOptions(zone: zone))
        let reading = observer.observe(prefix + payload)
        return (reading, observer.stages)
    }

    private func observation(_ payload: String, zone: Zone = .utc) throws -> Observation {
        guard case .observation(let found) = reading(payload, zone: zone).reading.outcome else {
            throw NotAnObservation()
        }
        return found
    }

    private struct NotAnObservation: Error {}

    private func reason(_ payload: String) -> String? {
        guard case .unparsed(let reason) = reading(payload).reading.outcome else { return nil }
        return "\(reason)"
    }

    private func isIrrelevant(_ payload: String) -> Bool {
        guard case .irrelevant = reading(payload).reading.outcome else { return false }
        return true
    }

    // MARK: - Latency and stages

    @Test func `the latency is total_pre_upstream, never scaled, and no stage`() throws {
        let (found, names) = reading(
            Self.payload(
                #""pre_upstream_wait": 12.5, "memory_context": null, "custom": 7, "#
                    + #""total_pre_upstream": 2438.9910410000084, "upstream_connect": 14.25"#))
        guard case .observation(let observation) = found.outcome else { throw NotAnObservation() }
        #expect(observation.latencyMilliseconds == 2438.9910410000084)
        #expect(observation.queuedMilliseconds == 12.5)
        #expect(observation.dominantStage == HeadroomStages.wait)
        let samples = (0..<observation.stages.count).map { index in
            let sample = observation.stages[index]
            return "\(names.name(of: sample.stage)) \(sample.milliseconds)"
        }
        #expect(samples == ["pre_upstream_wait 12.5", "custom 7.0", "upstream_connect 14.25"])
    }

    @Test func `an event time is never after its line's`() throws {
        let found = reading(
            Self.payload(#""total_pre_upstream": 700, "upstream_connect": -5000"#)
        ).reading
        guard case .observation(let observation) = found.outcome else { throw NotAnObservation() }
        #expect(observation.eventTime != nil)
        #expect(observation.eventTime == found.timestamp)
    }

    @Test func `its own stages have the numbers it knows them by`() {
        let names = HeadroomObserver(ObserverOptions(knownStages: ["zebra", "deep_copy"])).stages
        #expect(names.name(of: HeadroomStages.wait) == "pre_upstream_wait")
        #expect(names.name(of: HeadroomStages.connect) == "upstream_connect")
        #expect(names.name(of: HeadroomStages.session) == "total_session")
        var again = names
        #expect(names.name(of: again.identify("zebra")) == "zebra")
    }

    @Test(arguments: [
        (#""pre_upstream_wait": 1, "read_request_json": 2"#, "read_request_json"),
        (#""pre_upstream_wait": 2, "read_request_json": 1"#, "pre_upstream_wait"),
        (#""pre_upstream_wait": 2, "read_request_json": 2"#, "read_request_json"),
        (#""read_request_json": 2, "pre_upstream_wait": 2"#, "read_request_json"),
        (#""memory_context": 0, "deep_copy": 0, "pre_upstream_wait": 0"#, "memory_context"),
        (#""deep_copy": -1, "compression_first_stage": -2"#, "deep_copy"),
        (
            #""deep_copy": 0.5, "upstream_connect": 900, "upstream_first_byte": 901, "new": 9"#,
            "deep_copy"
        ),
        (#""upstream_connect": 900, "new": 9"#, nil), (#""memory_context": null"#, nil),
        (#""memory_context": "5", "deep_copy": true"#, nil), ("", nil),
    ])
    func `the dominant stage is the largest part of the total, of equal ones the later`(
        _ stages: String, _ dominant: String?
    ) throws {
        let (found, names) = reading(
            Self.payload((stages.isEmpty ? "" : stages + ", ") + #""total_pre_upstream": 1"#))
        guard case .observation(let observation) = found.outcome else { throw NotAnObservation() }
        #expect(observation.dominantStage.map { names.name(of: $0) } == dominant)
    }

    @Test func `only numbers become samples`() throws {
        let found = try observation(
            Self.payload(
                #""a": null, "b": "1", "c": true, "d": [1], "e": {"f": 2}, "g": 1e2, "#
                    + #""total_pre_upstream": 1"#))
        #expect(found.stages.count == 1)
        #expect(found.stages[0].milliseconds == 100)
    }

    @Test func `of a key that comes twice the first counts`() throws {
        let found = try observation(
            #"{"path": "a", "path": "openai_responses_ws", "request_id": "first", "#
                + #""request_id": "second", "stages": {"total_pre_upstream": 1, "#
                + #""total_pre_upstream": 2, "deep_copy": null, "deep_copy": 3, "new": 4, "#
                + #""new": 5, "pre_upstream_wait": 6, "pre_upstream_wait": 7}, "#
                + #""stages": {"total_pre_upstream": 9}}"#)
        #expect(found.latencyMilliseconds == 1)
        #expect(found.queuedMilliseconds == 6)
        #expect((0..<found.stages.count).map { found.stages[$0].milliseconds } == [4, 6])
        #expect(
            reason(#"{"stages": 1, "stages": {"total_pre_upstream": 2}}"#) == "no stages object")
    }

    @Test(arguments: [
        #"{"stages": {"deep_copy": 2, "total_pre_upstream": 3, "pre_upstream_wait": 1}}"#,
        #"{"stages":{"pre_upstream_wait":1,"deep_copy":2,"total_pre_upstream":3}}"#,
        #"{"event": "e", "stages": {"pre_upstream_wait": 1, "deep_copy": 2, "total_pre_upstream": 3}}"#,
        #"{ "event" : "e" , "stages" : { "total_pre_upstream" : 3 , "deep_copy" : 2 , "#
            + #""pre_upstream_wait" : 1 } , "path" : "p" }"#,
    ])
    func `the order of the keys and the blanks between them do not matter`(_ payload: String) throws
    {
        let found = try observation(payload)
        #expect(found.latencyMilliseconds == 3)
        #expect(found.queuedMilliseconds == 1)
        #expect(Set((0..<found.stages.count).map { found.stages[$0].milliseconds }) == [1, 2])
    }

    @Test(arguments: [
        #"{, "stages": {"total_pre_upstream": 3}}"#,
        #"{"stages": {"total_pre_upstream": 3}, }"#,
        #"{"event": "e" "stages": {"total_pre_upstream": 3}}"#,
        #"{"stages": {, "total_pre_upstream": 3}}"#,
        #"{"stages": {"deep_copy": 1"total_pre_upstream": 3}}"#,
        #"{"stages": {"total_pre_upstream": , "deep_copy": 1}}"#,
    ])
    func `a comma too many or too few is no JSON`(_ payload: String) {
        #expect(reason(payload) == "not one JSON object")
    }

    @Test func `keys and values may be written with escapes`() throws {
        let line =
            Self.prefix
            + #"{"request_\u0069d": "hr_\u0031795225026_1", "p\u0061th": "\u0061", "#
            + #""st\u0061ges": {"total_pre_upstre\u0061m": 3, "deep\u005fcopy": 2, "#
            + #""\ud83d\ude00": 1}}"#
        var observer = HeadroomObserver(ObserverOptions())
        guard case .observation(let found) = observer.observe(line).outcome else {
            throw NotAnObservation()
        }
        #expect(found.latencyMilliseconds == 3)
        #expect(found.requestID?.text(in: Array(line.utf8)) == "hr_1795225026_1")
        #expect(
            (0..<found.stages.count).map { observer.stages.name(of: found.stages[$0].stage) }
                == ["deep_copy", "😀"])
        #expect(isIrrelevant(#"{"path": "openai\u005fresponses_ws", "stages": {}}"#))
    }

    @Test func `as many stages as fit are read, one more is none of headroom's`() throws {
        let fitting = (0..<StageSamples.capacity).map { #""s\#($0)": \#($0)"# }
        let total = #""total_pre_upstream": 1"#
        let full = try observation(Self.payload((fitting + [total]).joined(separator: ",")))
        #expect(full.stages.count == StageSamples.capacity)
        let more = (fitting + [#""one more": null"#, #""s0": 5"#, total]).joined(separator: ",")
        #expect(try observation(Self.payload(more)).stages.count == StageSamples.capacity)
        let tooMany = (fitting + [#""one more": 1"#, total]).joined(separator: ",")
        #expect(reason(Self.payload(tooMany)) == "too many stages")
    }

    @Test func `names of lines that are no observations are forgotten`() {
        var observer = HeadroomObserver(ObserverOptions())
        for number in 0..<100 {
            let stages = #""junk\#(number)": 1"#
            _ = observer.observe(Self.prefix + Self.payload(stages))
            _ = observer.observe(Self.prefix + Self.payload(stages, path: "openai_responses_ws"))
        }
        let good = #""new": 1, "total_pre_upstream": 1"#
        guard
            case .observation(let found) = observer.observe(Self.prefix + Self.payload(good))
                .outcome
        else {
            Issue.record("no observation")
            return
        }
        #expect(observer.stages.name(of: found.stages[0].stage) == "new")
    }

    // MARK: - What is no observation

    @Test(arguments: [
        ("", "not one JSON object"), ("{", "not one JSON object"), ("[]", "not one JSON object"),
        (#"path=a session_id=b stages={'total_pre_upstream': 1.0}"#, "not one JSON object"),
        (#"{"stages": {"total_pre_upstream": 1}}': using default"#, "not one JSON object"),
        (#"{"stages": {"total_pre_upstream": 1}} {}"#, "not one JSON object"),
        (#"{"stages": {"total_pre_upstream": NaN}}"#, "not one JSON object"),
        (#"{"stages": {"total_pre_upstream": 1e400}}"#, "not one JSON object"),
        (#"{"stages": {"total_pre_upstream": 1}, "x": "\#u{7}"}"#, "not one JSON object"),
        ("{}", "no stages object"), (#"{"stages": null}"#, "no stages object"),
        (#"{"stages": [1]}"#, "no stages object"), (#"{"Stages": {}}"#, "no stages object"),
        (#"{"path": "openai_responses_ws"}"#, "no stages object"),
        (#"{"stages": {}}"#, "no total_pre_upstream"),
        (#"{"stages": {"Total_pre_upstream": 1}}"#, "no total_pre_upstream"),
        (#"{"total_pre_upstream": 1, "stages": {"a": 1}}"#, "no total_pre_upstream"),
        (#"{"stages": {"total_pre_upstream": "1"}}"#, "total_pre_upstream is not a number"),
        (#"{"stages": {"total_pre_upstream": true}}"#, "total_pre_upstream is not a number"),
        (#"{"stages": {"total_pre_upstream": {"a": 1}}}"#, "total_pre_upstream is not a number"),
    ])
    func `says why a payload does not parse`(_ payload: String, _ expected: String) {
        #expect(reason(payload) == expected)
    }

    @Test(arguments: [
        #"{"path": "openai_responses_ws", "stages": {}}"#,
        #"{"path": "openai_responses_ws", "stages": {"total_pre_upstream": 1}}"#,
        #"{"stages": {"total_pre_upstream": "1"}, "path": "openai_responses_ws"}"#,
        #"{"stages": {"total_pre_upstream": null}}"#,
    ])
    func `websocket lines and a null total are irrelevant`(_ payload: String) {
        #expect(isIrrelevant(payload))
    }

    @Test func `white space may follow the payload, a carriage return too`() throws {
        for tail in ["\r", " ", " \t\r"] {
            let found = try observation(Self.payload(#""total_pre_upstream": 1"#) + tail)
            #expect(found.latencyMilliseconds == 1)
        }
    }

    @Test func `the payload is what follows the first marker`() {
        let good = Self.payload(#""total_pre_upstream": 1"#)
        #expect(reason("forged STAGE_TIMINGS " + good) == "not one JSON object")
        #expect(reason(#"{"model": "STAGE_TIMINGS \#u{22}"}"#) != nil)
    }

    @Test func `without the marker nothing is read`() {
        var observer = HeadroomObserver(ObserverOptions())
        for line in ["", "STAGE_TIMINGS", "STAGE_TIMINGS{}", "2026-11-21 01:37:09,281 - x"] {
            guard case .unparsed = observer.observe(line).outcome else {
                Issue.record("read: \(line)")
                continue
            }
        }
    }

    // MARK: - Time

    @Test func `the request's id gives the offset, whatever the zone`() {
        // The line's local time is 5 h 30 min ahead; 2,438.99 + 14.25 ms have passed.
        let id = "hr_\(Self.second - 19_800 - 3)_000022"
        let stages = #""total_pre_upstream": 2438.99, "upstream_connect": 14.25"#
        for zone in [Zone.utc, .fixed(-18_000), .fixed(50_400)] {
            let found = reading(Self.payload(stages, id: id), zone: zone).reading
            #expect(found.timestamp?.text == "2026-11-20T20:07:09.281Z")
            guard case .observation(let observation) = found.outcome else {
                Issue.record("no observation")
                continue
            }
            #expect(observation.eventTime?.text == "2026-11-20T20:07:09.266Z")
        }
    }

    @Test(arguments: [
        // A long wait upstream, a long total, a websocket of two hours, an id without stages.
        (#""total_pre_upstream": 1, "upstream_connect": 7200000"#, "messages", 7_200),
        (#""total_pre_upstream": 7200000, "upstream_connect": null"#, "messages", 7_200),
        (#""total_session": 7200000, "upstream_connect": 500000"#, "openai_responses_ws", 7_200),
        (#""total_pre_upstream": null, "upstream_connect": 7200000"#, "messages", 7_200),
        (#""total_pre_upstream": null"#, "messages", 400), ("", "messages", 400),
        (#""total_session": null"#, "openai_responses_ws", 400),
    ])
    func `what has passed since the request began is not taken for an offset`(
        _ stages: String, _ path: String, _ elapsed: Int64
    ) {
        let id = "hr_\(Self.second - 3_600 - elapsed)_1"
        let found = reading(Self.payload(stages, path: path, id: id), zone: .fixed(-18_000)).reading
        #expect(found.timestamp?.text == "2026-11-21T00:37:09.281Z")
    }

    @Test(arguments: [
        "hr_1_000001", "hr_0_1", "hr_99999999999_1", "hr_999999999999999999999999_1", "hr__1",
        "hr_1795225026", "hr_1795225026_", "hr_1795225026_1x", "hr_1795225026x_1", "hr_-5_1",
        "xhr_1795225026_1", "", "é",
    ])
    func `an id that tells no offset leaves the zone`(_ id: String) {
        let payload = Self.payload(#""total_pre_upstream": 1"#, id: id)
        let found = reading(payload, zone: .fixed(7_200)).reading
        #expect(found.timestamp?.text == "2026-11-20T23:37:09.281Z")
    }

    @Test func `without an id or a payload the zone decides`() {
        for payload in [
            "not JSON", #"{"stages": {"total_pre_upstream": 1}}"#,
            #"{"request_id": 5, "stages": {"total_pre_upstream": 1}}"#,
            Self.payload(#""total_pre_upstream": 1"#) + "x",
        ] {
            let found = reading(payload, zone: .fixed(7_200)).reading
            #expect(found.timestamp?.text == "2026-11-20T23:37:09.281Z")
        }
    }

    @Test func `a line without a time gives no event time`() {
        let found = reading(Self.payload(#""total_pre_upstream": 1"#), prefix: "STAGE_TIMINGS ")
        #expect(found.reading.timestamp == nil)
        guard case .observation(let observation) = found.reading.outcome else {
            Issue.record("no observation")
            return
        }
        #expect(observation.eventTime == nil)
        #expect(observation.latencyMilliseconds == 1)
    }

    @Test(arguments: ["1e308", "-1e308", "-5", "0", "-0.0", "1.7976931348623157e308", "5e-324"])
    func `any number at all may stand anywhere`(_ number: String) throws {
        let stages = (HeadroomStages.usual + ["total_pre_upstream"])
            .map { #""\#($0)": \#(number)"# }.joined(separator: ", ")
        let found = try observation(Self.payload(stages))
        #expect(found.latencyMilliseconds == Double(number))
        #expect(found.queuedMilliseconds == Double(number))
        #expect(found.dominantStage == StageID(index: HeadroomStages.connect.index - 1))
        _ = try observation(Self.payload(stages, path: "openai_responses_wS"))
    }

    // MARK: - Where the logs are

    @Test(arguments: [
        (["HOME": "/home/me"], "/home/me/.headroom/logs"),
        (["HOME": "/home/me", "HEADROOM_WORKSPACE_DIR": ""], "/home/me/.headroom/logs"),
        (["HOME": "/home/me", "HEADROOM_WORKSPACE_DIR": "  "], "/home/me/.headroom/logs"),
        (["HOME": "/home/me", "HEADROOM_WORKSPACE_DIR": "/w s"], "/w s/logs"),
        (["HOME": "/home/me", "HEADROOM_WORKSPACE_DIR": " ~/w "], "/home/me/w/logs"),
        (["HEADROOM_WORKSPACE_DIR": "/w"], "/w/logs"),
    ])
    func `finds the logs where headroom puts them`(
        _ environment: [String: String], _ folder: String
    ) {
        #expect(
            HeadroomObserver.descriptor.usualPaths(environment) == [
                folder + "/proxy.log", folder + "/proxy-[0-9]*.log",
            ])
    }

    @Test func `without a home there are no usual paths`() {
        #expect(HeadroomObserver.descriptor.usualPaths([:]).isEmpty)
        #expect(HeadroomObserver.descriptor.usualPaths(["HOME": ""]).isEmpty)
    }
}
