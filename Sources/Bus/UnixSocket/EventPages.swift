internal import Telemetry

/// Rows of the log, a page at a time, read and written as JSON once however many clients want
/// them: live clients all stand at the same place, and replaying ones often do.
struct EventPages {
    /// One page for the live clients and a few for those that replay.
    private static let keptPages = 3

    private let log: any EventLog
    private var kept: [EventPage] = []
    /// No row comes after this one, as far as is known; nil where news may have come.
    private var end: Int64?

    init(_ log: any EventLog) {
        self.log = log
    }

    /// Looks where the log ends, since rows may have been committed; the newest `seq`.
    mutating func refresh() throws(BusError) -> Int64 {
        end = nil
        let latest = try BusError.reporting(log.latest())
        end = latest
        return latest
    }

    /// The bounds of the log now.
    func bounds() throws(BusError) -> EventBounds {
        try BusError.reporting(log.bounds())
    }

    /// Whether no row comes after `seq`, as far as is known.
    func isEnd(_ seq: Int64) -> Bool {
        end.map { seq >= $0 } ?? false
    }

    /// A page that holds the row next after `seq`; nil where there is none.
    mutating func page(after seq: Int64) throws(BusError) -> EventPage? {
        if isEnd(seq) { return nil }
        if let index = kept.lastIndex(where: { $0.after <= seq && seq < $0.last }) {
            let page = kept.remove(at: index)
            kept.append(page)
            return page
        }
        let events = try BusError.reporting(log.events(after: seq, limit: NextRows.limit))
        guard let page = EventPage(after: seq, events) else {
            // Where somebody deleted the newest rows.
            end = seq
            return nil
        }
        if kept.count == Self.keptPages { kept.removeFirst() }
        kept.append(page)
        return page
    }
}

/// All rows from one `seq` to another, each turned into its line when it is first wanted.
final class EventPage {
    /// The rows are those with a `seq` above this one.
    let after: Int64
    /// The last row's `seq`.
    let last: Int64
    /// The rows in order, at least one.
    let events: [RecordedEvent]
    private var lines: [[UInt8]]

    init?(after: Int64, _ events: [RecordedEvent]) {
        guard let last = events.last?.seq else { return nil }
        self.after = after
        self.last = last
        self.events = events
        lines = Array(repeating: [], count: events.count)
    }

    /// The line of a row.
    func line(at index: Int) -> [UInt8] {
        if lines[index].isEmpty { lines[index] = EventLine.bytes(events[index]) }
        return lines[index]
    }

    /// The index of the first row with a `seq` above this one.
    func index(after seq: Int64) -> Int {
        var low = 0
        var high = events.count
        while low < high {
            let middle = (low + high) / 2
            if events[middle].seq <= seq { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
