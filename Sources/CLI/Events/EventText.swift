internal import Foundation
internal import Telemetry

/// Events as rows of a table.
enum EventText {
    static let columns = [
        Table.Column(title: "TIME"), Table.Column(title: "SEQ", isNumber: true, rank: 2),
        Table.Column(title: "STATUS"), Table.Column(title: "KIND", rank: 5),
        Table.Column(title: "LATENCY", isNumber: true), Table.Column(title: "STAGE", rank: 3),
        Table.Column(title: "SOURCE", rank: 1), Table.Column(title: "DETAIL", fit: .start, rank: 4),
    ]

    /// As wide as rows mostly are, for a table that is begun before its rows are known.
    static let typicalRow = ["", "", "degraded", "stall_episode", "612.5 ms", "read_request_json"]
        .map { Table.Cell($0) }

    /// An event as a row; its time is local, or as it is recorded: `2026-06-13T08:55:01.123Z`.
    static func cells(_ event: RecordedEvent, inUTC: Bool) -> [Table.Cell] {
        let style = style(event.status)
        let time = inUTC ? event.timestamp : Wording.localTime(event.timestamp)
        return [
            Table.Cell(time), Table.Cell(String(event.seq), .faint),
            Table.Cell(event.status, style), Table.Cell(event.kind),
            Table.Cell(event.durationMilliseconds.map(Wording.latency) ?? "", style),
            Table.Cell(event.stage ?? ""), Table.Cell(event.source, .faint),
            Table.Cell(summary(event)),
        ]
    }

    private static func style(_ status: String) -> Table.Style {
        switch status {
        case "stall": .red
        case "degraded": .yellow
        case "warning": .magenta
        case "info": .faint
        default: .plain
        }
    }

    /// What a breach's or an episode's detail says in few words; any other is shown as it is.
    private static func summary(_ event: RecordedEvent) -> String {
        let decoder = JSONDecoder()
        let detail = Data(event.detail.utf8)
        if event.isBreach, let breach = try? decoder.decode(BreachDetail.self, from: detail) {
            return breach.text
        }
        if let episode = try? decoder.decode(EpisodeDetail.self, from: detail) {
            return episode.text
        }
        return event.detail
    }
}

/// What a table shows of a breach's detail.
private struct BreachDetail: Decodable {
    let requestID: String?
    let queued: Double?

    private enum CodingKeys: String, CodingKey {
        case requestID = "request_id"
        case queued = "queued_ms"
    }

    var text: String {
        let waited = queued.flatMap { $0 > 0 ? "queued \(Wording.latency($0))" : nil }
        return [requestID, waited].compactMap { $0 }.joined(separator: ", ")
    }
}

/// What a table shows of an episode's detail.
private struct EpisodeDetail: Decodable {
    let count: Int64
    let span: Double
    let continued: Bool?
    let late: Bool?

    private enum CodingKeys: String, CodingKey {
        case count, continued, late
        case span = "span_ms"
    }

    var text: String {
        var text = "\(count) \(Wording.plural("request", count)) in \(Wording.latency(span))"
        if continued == true { text += ", continued" }
        if late == true { text += ", late" }
        return text
    }
}
