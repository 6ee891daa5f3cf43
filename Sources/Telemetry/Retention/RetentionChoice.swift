/// Chooses which rows go next, from what the database looks like: pure, so that every rule of
/// retention is tested without one.
///
/// Rows go oldest first. By age and by count an event only goes once every sink has it; by size
/// events and latency go in the order they were recorded, whoever waits for them.
struct RetentionChoice: Equatable {
    /// What the choice is made from.
    struct View {
        /// Rows recorded before this are too old, `2026-06-13T08:55:01.123Z`; nil: none is.
        var cutoff: String?
        /// The `seq` of the newest event; 0 where there is none.
        var latest: Int64 = 0
        /// Every sink that counts has delivered up to here.
        var delivered = Int64.max
        /// The events with the lowest `seq`, a step's worth.
        var events: [Row] = []
        /// When the latency rows that were recorded first were, a step's worth.
        var latency: [String] = []
        /// Bytes of pages in use.
        var usedBytes: Int64 = 0
        /// Pages that hold nothing and could be given back.
        var freePages = 0
    }

    /// An event, as far as it matters here.
    struct Row: Equatable {
        let seq: Int64
        let recordedAt: String
    }

    /// How much one step may do: about two milliseconds' work, or as much as a commit of
    /// events costs.
    struct Measure {
        var rows = 128
        var pages = 64
        /// Free pages that are left for rows to come.
        var spare = 0
    }

    /// How many of the oldest events go.
    private(set) var events = 0
    /// How many of them a sink still waits for.
    private(set) var undelivered = 0
    /// How many of the oldest latency rows go.
    private(set) var latency = 0
    /// How many free pages are given back.
    private(set) var pages = 0
    /// True where rows must not come in faster than they go.
    private(set) var isUrgent = false

    /// The next step under `limits`.
    init(_ view: View, _ limits: RetentionLimits, _ measure: Measure) {
        takeOld(view, limits, measure)
        if let room = limits.room, view.usedBytes > room.soft {
            takeOldest(view, measure)
            isUrgent = hasRows && view.usedBytes > room.hard
        }
        undelivered = view.events.prefix(events).count { $0.seq > view.delivered }
        if !hasRows, view.freePages > measure.spare {
            pages = min(view.freePages - measure.spare, measure.pages)
        }
    }

    /// True where rows go.
    var hasRows: Bool { events + latency > 0 }

    /// True where there is nothing to do.
    var isEmpty: Bool { !hasRows && pages == 0 }

    private mutating func takeOld(_ view: View, _ limits: RetentionLimits, _ measure: Measure) {
        let cutoff = view.cutoff ?? ""
        // Numbers have no gaps, so that the latest ones can be told without counting rows.
        let surplus = limits.events > 0 ? view.latest - limits.events : 0
        events =
            view.events.prefix(measure.rows).prefix { row in
                (row.recordedAt < cutoff || row.seq <= surplus) && row.seq <= view.delivered
            }.count
        latency = view.latency.prefix(measure.rows - events).prefix { $0 < cutoff }.count
    }

    private mutating func takeOldest(_ view: View, _ measure: Measure) {
        while events + latency < measure.rows {
            let event = view.events.dropFirst(events).first?.recordedAt
            let cell = view.latency.dropFirst(latency).first
            if let event, event <= cell ?? event {
                events += 1
            } else if cell != nil {
                latency += 1
            } else {
                return
            }
        }
    }
}
