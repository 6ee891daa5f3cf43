import Foundation
import Telemetry
import Testing

@testable import Bus

struct EventLineTests {
    @Test func `an event is its JSON object and a newline`() {
        let line = String(decoding: EventLine.bytes(MemoryLog.event(seq: 7)), as: UTF8.self)
        #expect(
            line == #"{"seq":7,"key":"0123456789abcdef0123456789abcdef","#
                + #""ts":"2026-06-13T08:55:01.123Z","event":"log.overhead","#
                + #""kind":"stall_episode","source":"headroom-proxy","severity":"stall","#
                + #""value_ms":2400.5,"stage":"pre_upstream_wait","#
                + #""detail":{"count":3,"peak_ms":2400.5}}"# + "\n")
    }

    @Test func `the detail is cut to a marker only where the line would be too long`() throws {
        var event = MemoryLog.event(seq: 7)
        event.detail = #"{"x":""}"#
        let room = EventLine.maximumBytes - EventLine.bytes(event).count
        event.detail = #"{"x":""# + String(repeating: "a", count: room) + #""}"#
        #expect(EventLine.bytes(event).count == EventLine.maximumBytes)
        #expect(try detail(of: event)["x"] != nil)

        event.detail = #"{"x":""# + String(repeating: "a", count: room + 1) + #""}"#
        #expect(try detail(of: event)["cut"] as? Bool == true)
        #expect(try detail(of: event)["bytes"] as? Int == event.detail.utf8.count)
    }

    @Test func `no text is so long that the line would be too long`() throws {
        var event = MemoryLog.event(seq: .max)
        let long = String(repeating: "\u{1}é", count: 100_000)
        event.source = long
        event.event = long
        event.kind = long
        event.status = long
        event.stage = long
        event.key = long
        event.timestamp = long
        let line = EventLine.bytes(event)
        #expect(line.count <= EventLine.maximumBytes)
        #expect(line.last == UInt8(ascii: "\n"))
        #expect(try JSONSerialization.jsonObject(with: Data(line)) is [String: Any])
    }

    private func detail(of event: RecordedEvent) throws -> [String: Any] {
        let object = try JSONSerialization.jsonObject(with: Data(EventLine.bytes(event)))
        return try #require((object as? [String: Any])?["detail"] as? [String: Any])
    }
}
