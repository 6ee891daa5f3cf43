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
            json.field("committed_at", committedAt)
            json.field("database_bytes", bytes.database)
            json.field("wal_bytes", bytes.writeAheadLog)
            json.field("tails") { json in
                json.array { json in for tail in tails { tail.write(to: &json) } }
            }
            json.field("sinks") { json in
                json.array { json in for sink in sinks { sink.write(to: &json) } }
            }
            json.field("event_counts") { json in
                json.array { json in for count in eventCounts { count.write(to: &json) } }
            }
            json.field("retention") { json in retention.write(to: &json) }
        }
        return json.text
    }

    /// The status as a person reads it.
    func lines(now: Timestamp, _ terminal: Terminal) -> [String] {
        var lines = ["database  \(VisibleText.escaping(database))", "daemon    \(daemon)"]
        let age = recordedAt.map { ", the newest \(Wording.age(of: $0, now: now))" } ?? ""
        lines.append("events    \(bounds.latest) recorded\(age)")
        lines.append("size      \(Wording.bytes(bytes.database + bytes.writeAheadLog))")
        lines += retention.lines(now: now)
        lines += section(
            [
                Table.Column(title: "FILE", fit: .end), Table.Column(title: "SOURCE", rank: 1),
                Table.Column(title: "OFFSET", isNumber: true, rank: 3),
                Table.Column(title: "LAG", isNumber: true),
                Table.Column(title: "READ", isNumber: true, rank: 2),
                Table.Column(title: "MATCHED", isNumber: true),
                Table.Column(title: "UNPARSED", isNumber: true),
                Table.Column(title: "TOO LONG", isNumber: true, rank: 0),
                Table.Column(title: "UPDATED"),
            ], tails.map { $0.cells(now: now) }, terminal)
        lines += section(
            [
                Table.Column(title: "BUS", fit: .end),
                Table.Column(title: "SEQ", isNumber: true),
                Table.Column(title: "BACKLOG", isNumber: true), Table.Column(title: "UPDATED"),
            ], sinks.map { $0.position.cells(now: now) }, terminal)
        lines += section(
            [Table.Column(title: "UNSHIPPED", fit: .end)],
            sinks.flatMap { $0.unshipped ?? [] }.map { [Table.Cell($0)] }, terminal)
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
            json.field("lines_oversized", linesOversized)
            json.field("updated_at", row.updatedAt)
            json.field("lag_bytes", lagBytes)
            json.field("drift", isDrifting)
            json.field("last_read_at", lastRead?.text)
        }
    }

    /// How many bytes of the file are not read yet; nil where that is not known.
    var lagBytes: Int64? {
        if case .bytes(let count) = lag { count } else { nil }
    }

    fileprivate func cells(now: Timestamp) -> [Table.Cell] {
        let unparsed = String(row.linesUnparsed) + (isDrifting ? " drifting" : "")
        return [
            Table.Cell(row.path), Table.Cell(row.source), Table.Cell(String(row.offset)), lagCell,
            Table.Cell(Wording.bytes(row.bytesRead)), Table.Cell(String(row.linesMatched)),
            Table.Cell(unparsed, isDrifting ? .magenta : .plain),
            Table.Cell(String(linesOversized)),
            Table.Cell(Wording.age(of: row.updatedAt, now: now)),
        ]
    }

    private var lagCell: Table.Cell {
        switch lag {
        case .bytes(let count): Table.Cell(Wording.bytes(count))
        case .compressed: Table.Cell("unknown")
        case .replaced: Table.Cell("replaced", .magenta)
        case .missing: Table.Cell("missing", .magenta)
        case .unknown: Table.Cell("unknown", .magenta)
        }
    }
}

extension SinkStatus {
    fileprivate func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("sink", position.sink)
            json.field("seq", position.seq)
            json.field("updated_at", position.updatedAt)
            json.field("backlog", position.backlog)
            guard isArchive, let unshipped else { return }
            json.field("unshipped") { json in
                json.array { json in for path in unshipped { json.value(path) } }
            }
        }
    }
}

extension BusPosition {
    fileprivate func cells(now: Timestamp) -> [Table.Cell] {
        [
            Table.Cell(sink), Table.Cell(String(seq)), Table.Cell(String(backlog)),
            Table.Cell(Wording.age(of: updatedAt, now: now)),
        ]
    }
}

extension EventCount {
    fileprivate func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("source", source)
            json.field("kind", kind)
            json.field("status", status)
            json.field("count", count)
        }
    }
}

extension RetentionState {
    fileprivate func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("keep_days", limits.days)
            json.field("keep_events", limits.events)
            json.field("keep_mib", limits.mebibytes)
            json.field("events_pruned", eventsPruned)
            json.field("undelivered_pruned", undeliveredPruned)
            json.field("latency_pruned", latencyPruned)
            json.field("pruned_at", prunedAt)
            json.field("undelivered_at", undeliveredAt)
        }
    }

    fileprivate func lines(now: Timestamp) -> [String] {
        guard let prunedAt else { return [] }
        var lines = [
            "pruned    \(eventsPruned) events and \(latencyPruned) rows of latency, last "
                + Wording.age(of: prunedAt, now: now)
        ]
        if let undeliveredAt {
            lines.append(
                "warning   the limit of size cost \(undeliveredPruned) events that a bus had not "
                    + "delivered yet, last \(Wording.age(of: undeliveredAt, now: now)); bring the "
                    + "bus back, or raise --keep-mib")
        }
        return lines
    }
}
