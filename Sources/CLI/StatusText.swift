internal import LogTail
internal import Observers
internal import Telemetry

extension DaemonStatus {
    /// The status as one JSON object.
    var json: String {
        var json = JSONWriter()
        json.object { json in
            json.field("database", database)
            json.field("running", pid != nil)
            json.field("pid", pid.flatMap { $0 > 0 ? $0 : nil })
            json.field("oldest", bounds.oldest)
            json.field("latest", bounds.latest)
            json.field("recorded_at", recordedAt)
            json.field("tails") { json in
                json.array { json in for tail in tails { tail.write(to: &json) } }
            }
            json.field("sinks") { json in
                json.array { json in for sink in sinks { sink.write(to: &json) } }
            }
        }
        return json.text
    }

    /// The status as a person reads it.
    func lines(now: Timestamp, _ terminal: Terminal) -> [String] {
        var lines = ["database  \(VisibleText.escaping(database))", "daemon    \(daemon)"]
        let age = recordedAt.map { ", the newest \(Wording.age(of: $0, now: now))" } ?? ""
        lines.append("events    \(bounds.latest) recorded\(age)")
        lines += section(
            [
                Table.Column(title: "FILE", fit: .end), Table.Column(title: "SOURCE", rank: 1),
                Table.Column(title: "OFFSET", isNumber: true, rank: 3),
                Table.Column(title: "LAG", isNumber: true),
                Table.Column(title: "READ", isNumber: true, rank: 2),
                Table.Column(title: "MATCHED", isNumber: true),
                Table.Column(title: "UNPARSED", isNumber: true), Table.Column(title: "UPDATED"),
            ], tails.map { $0.cells(now: now) }, terminal)
        lines += section(
            [
                Table.Column(title: "BUS", fit: .end),
                Table.Column(title: "SEQ", isNumber: true),
                Table.Column(title: "BACKLOG", isNumber: true), Table.Column(title: "UPDATED"),
            ], sinks.map { $0.cells(now: now) }, terminal)
        return lines
    }

    private var daemon: String {
        guard let pid else { return "not running" }
        return pid > 0 ? "running, process id \(pid)" : "running"
    }

    private func section(
        _ columns: [Table.Column], _ rows: [[Table.Cell]], _ terminal: Terminal
    ) -> [String] {
        guard !rows.isEmpty else { return [] }
        let table = Table(columns, fitting: rows, terminal)
        return ["", table.header] + rows.map { table.line($0) }
    }
}

extension TailStatus {
    fileprivate func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("source", row.source)
            json.field("path", row.path)
            json.field("device", row.device)
            json.field("inode", row.inode)
            json.field("offset", row.offset)
            json.field("fingerprint", row.fingerprint)
            json.field("episode", row.state)
            json.field("bytes_read", row.bytesRead)
            json.field("lines_matched", row.linesMatched)
            json.field("lines_unparsed", row.linesUnparsed)
            json.field("updated_at", row.updatedAt)
            json.field("lag_bytes", lagBytes)
            json.field("drift", isDrifting)
        }
    }

    private var lagBytes: Int64? {
        if case .bytes(let count) = lag { count } else { nil }
    }

    fileprivate func cells(now: Timestamp) -> [Table.Cell] {
        let unparsed = String(row.linesUnparsed) + (isDrifting ? " drifting" : "")
        return [
            Table.Cell(row.path), Table.Cell(row.source), Table.Cell(String(row.offset)), lagCell,
            Table.Cell(Wording.bytes(row.bytesRead)), Table.Cell(String(row.linesMatched)),
            Table.Cell(unparsed, isDrifting ? .magenta : .plain),
            Table.Cell(Wording.age(of: row.updatedAt, now: now)),
        ]
    }

    private var lagCell: Table.Cell {
        switch lag {
        case .bytes(let count): Table.Cell(Wording.bytes(count))
        case .replaced: Table.Cell("replaced", .magenta)
        case .missing: Table.Cell("missing", .magenta)
        case .unknown: Table.Cell("unknown", .magenta)
        }
    }
}

extension BusPosition {
    fileprivate func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("sink", sink)
            json.field("seq", seq)
            json.field("updated_at", updatedAt)
            json.field("backlog", backlog)
        }
    }

    fileprivate func cells(now: Timestamp) -> [Table.Cell] {
        [
            Table.Cell(sink), Table.Cell(String(seq)), Table.Cell(String(backlog)),
            Table.Cell(Wording.age(of: updatedAt, now: now)),
        ]
    }
}
