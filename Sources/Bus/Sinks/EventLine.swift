internal import LogTail
public import Telemetry

/// The form of an event on every bus: one line of JSON with its newline.
public enum EventLine {
    /// Bytes of the longest line, newline included: a consumer can read with one fixed buffer.
    public static let maximumBytes = 65_536

    /// The line of an event. Rows are far shorter than the limit by construction; should one not
    /// be, its detail is replaced by `{"cut":true,"bytes":N}`, N being the detail's length.
    public static func bytes(_ event: RecordedEvent) -> [UInt8] {
        let whole = line(event)
        guard whole.count > maximumBytes else { return whole }
        var cut = event
        var marker = JSONWriter()
        marker.object { json in
            json.field("cut", true)
            json.field("bytes", event.detail.utf8.count)
        }
        cut.detail = marker.text
        let short = line(cut)
        guard short.count > maximumBytes else { return short }
        cut.key = prefix(cut.key)
        cut.timestamp = prefix(cut.timestamp)
        cut.source = prefix(cut.source)
        cut.event = prefix(cut.event)
        cut.kind = prefix(cut.kind)
        cut.status = prefix(cut.status)
        cut.stage = cut.stage.map(prefix)
        return line(cut)
    }

    private static func line(_ event: RecordedEvent) -> [UInt8] {
        var json = JSONWriter()
        event.write(to: &json)
        return json.line()
    }

    /// Seven texts of 1,000 bytes, each escaped to six times that, still fit in a line.
    private static func prefix(_ text: String) -> String {
        String(decoding: text.utf8.prefix(1_000), as: UTF8.self)
    }
}
