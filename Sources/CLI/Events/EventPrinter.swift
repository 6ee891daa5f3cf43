internal import Telemetry

/// Prints events as they come: as JSON lines, as CSV, or as a table that keeps its columns.
final class EventPrinter {
    /// How events look.
    enum Form {
        /// One JSON object a line, as on the bus.
        case json
        /// RFC 4180, with a header.
        case csv
        /// A table for a person, with local times or as they are recorded.
        case table(inUTC: Bool)
    }

    private let form: Form
    private let isLive: Bool
    private let terminal: Terminal
    private let output = Output()
    private var table: Table?

    /// A printer; `isLive` where more events come later than the first ones.
    init(_ form: Form, isLive: Bool, _ terminal: Terminal) {
        self.form = form
        self.isLive = isLive
        self.terminal = terminal
    }

    /// Prints what stands above all events, where that does not depend on them.
    func begin() throws {
        guard case .csv = form else { return }
        try output.line(EventCSV.header)
        try output.flush()
    }

    /// Prints some events; the first ones decide how wide the columns are.
    func print(_ events: [RecordedEvent]) throws {
        switch form {
        case .json:
            for event in events { try output.line(event.json) }
        case .csv:
            for event in events { try output.line(EventCSV.line(event)) }
        case .table(let inUTC):
            let rows = events.map { EventText.cells($0, inUTC: inUTC) }
            if table == nil {
                let typical = isLive ? [EventText.typicalRow] : []
                let table = Table(EventText.columns, fitting: rows + typical, terminal)
                try output.line(table.header)
                self.table = table
            }
            for row in rows { try table.map { try output.line($0.line(row)) } }
        }
        try output.flush()
    }
}
