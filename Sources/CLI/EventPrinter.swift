internal import Telemetry

/// Prints events as they come, as JSON lines or as a table that keeps its columns.
final class EventPrinter {
    private let asJSON: Bool
    private let isLive: Bool
    private let terminal: Terminal
    private let output = Output()
    private var table: Table?

    /// A printer; `isLive` where more events come later than the first ones.
    init(asJSON: Bool, isLive: Bool, _ terminal: Terminal) {
        self.asJSON = asJSON
        self.isLive = isLive
        self.terminal = terminal
    }

    /// Prints some events; the first ones decide how wide the columns are.
    func print(_ events: [RecordedEvent]) throws {
        if asJSON {
            for event in events { try output.line(event.json) }
        } else {
            let rows = events.map(EventText.cells)
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
