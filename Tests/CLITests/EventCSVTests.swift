import Testing

@testable import CLI
@testable import Telemetry

@Suite struct EventCSVTests {
    private func event(stage: String?, duration: Double?, detail: String) -> RecordedEvent {
        RecordedEvent(
            seq: 7, key: "k", timestamp: "2026-06-13T08:55:01.123Z", source: "s", event: "e",
            kind: "overhead", status: "stall", durationMilliseconds: duration, stage: stage,
            detail: detail, recordedAt: "2026-06-13T08:55:02.000Z")
    }

    @Test func `fields are those of the JSON object, in its order`() {
        #expect(
            EventCSV.header == "seq,key,ts,event,kind,source,severity,value_ms,stage,detail\r")
        #expect(
            EventCSV.line(event(stage: "deep_copy", duration: 612.5, detail: "{}"))
                == "7,k,2026-06-13T08:55:01.123Z,e,overhead,s,stall,612.5,deep_copy,{}\r")
    }

    @Test func `what is null is empty`() {
        #expect(
            EventCSV.line(event(stage: nil, duration: nil, detail: "{}")).hasSuffix(",stall,,,{}\r")
        )
    }

    @Test func `commas, quotes and line ends stand in quotes`() {
        #expect(
            EventCSV.line(event(stage: "a\r\nb", duration: nil, detail: #"{"a":1,"b":2}"#))
                .hasSuffix(",\"a\r\nb\",\"{\"\"a\"\":1,\"\"b\"\":2}\"\r"))
    }
}
