import Foundation
import Testing

/// What a log has left in a database, in an order and a form that do not depend on when and from
/// where it was read: rows with their keys, and distributions.
struct Dump: Equatable {
    let events: [String]
    let latency: [String]

    /// How much of an event is compared.
    enum Detail {
        /// All of it but `seq` and `recorded_at`.
        case whole
        /// Not what counts from the start of a generation: the key and the offset.
        case withoutPlaces
    }

    /// The rows of `database`, for a log followed at `path`.
    init(_ database: String, path: String, _ detail: Detail = .whole) throws {
        let reader = try TelemetryDatabase(database)
        let key = detail == .whole ? "key" : "''"
        let text = detail == .whole ? "detail" : "json_remove(detail, '$.offset')"
        events = try reader.rows(
            """
            SELECT \(key), ts, source, event, kind, status, duration_ms,
                   replace(\(text), '\(path)', 'LOG')
              FROM events WHERE kind IN ('overhead', 'stall_episode')
            """
        ).map { $0.joined(separator: "|") }.sorted()
        latency = try reader.rows(
            """
            SELECT source, stage, minute, count, sum_ms, min_ms, max_ms, degraded, stalled, buckets
              FROM latency ORDER BY source, stage, minute
            """
        ).map { $0.joined(separator: "|") }
    }

    /// Fails with the first differences where `other` is not the same.
    func expectSame(as other: Dump, _ location: SourceLocation = #_sourceLocation) {
        for (name, found, expected) in [
            ("events", events, other.events), ("latency", latency, other.latency),
        ] where found != expected {
            let missing = expected.filter { !Set(found).contains($0) }
            let surplus = found.filter { !Set(expected).contains($0) }
            Issue.record(
                """
                \(name): \(found.count) rows, \(expected.count) expected; \
                missing \(missing.count): \(missing.prefix(3)), \
                not expected \(surplus.count): \(surplus.prefix(3))
                """, sourceLocation: location)
        }
    }
}
