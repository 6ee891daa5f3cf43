internal import Telemetry

/// Events as comma-separated values, RFC 4180: lines end with CR and LF, and a field that holds a
/// comma, a quote or the end of a line stands in quotes.
enum EventCSV {
    /// The names of the fields: those of the JSON object, in its order.
    static let header = line([
        "seq", "key", "ts", "event", "kind", "source", "severity", "value_ms", "stage", "detail",
    ])

    /// An event as one record, its line end included but for the newline itself. What is null in
    /// JSON is an empty field.
    static func line(_ event: RecordedEvent) -> String {
        line([
            String(event.seq), event.key, event.timestamp, event.event, event.kind, event.source,
            event.status, event.durationMilliseconds.map { "\($0)" } ?? "", event.stage ?? "",
            event.detail,
        ])
    }

    private static func line(_ fields: [String]) -> String {
        fields.map(field).joined(separator: ",") + "\r"
    }

    private static func field(_ text: String) -> String {
        // By bytes: CR and LF together are one character.
        guard text.utf8.contains(where: { "\",\r\n".utf8.contains($0) }) else { return text }
        return "\"" + text.replacing("\"", with: "\"\"") + "\""
    }
}
