internal import GRDB
internal import Observers
internal import Syscalls

/// Prunes a database step by step; each step is one transaction of its own, so that readers see
/// a row with everything that belongs to it, or not at all.
struct RetentionSteps {
    private let limits: RetentionLimits
    private let measure: RetentionChoice.Measure
    /// Sinks that have rows held for them however long they have been silent.
    private let sinks: Set<String>

    /// A sink that has delivered nothing for longer is taken to be gone, unless it is in use:
    /// nobody tells a database that a `--bus` was left out for good.
    private static let sinkNanoseconds: Int64 = 30 * 86_400 * 1_000_000_000

    /// Bytes of the write-ahead log that are folded back at once. Besides what the disk takes to
    /// sync, this took 2 ms with a quarter of SQLite's own thousand pages, 3.4 ms in 99 of 100
    /// cases, and 6 and 15 ms with all of them (a database of 106 MiB that is pruned while it is
    /// written to); the whole run took no longer.
    private static let foldedBytes: Int64 = 1 << 20

    init(_ limits: RetentionLimits, sinks: [String], spare: Int) {
        self.limits = limits
        self.sinks = Set(sinks)
        measure = RetentionChoice.Measure(spare: spare)
    }

    /// Sets how long the write-ahead log may stay on this connection, and returns after how many
    /// pages it is to be folded back.
    func prepare(_ db: Database) throws -> Int {
        let bytes = limits.room?.writeAhead ?? RetentionLimits.Room.largestWriteAhead
        let pageBytes = try Int64.fetchOne(db, sql: "PRAGMA page_size") ?? 4_096
        try db.execute(sql: "PRAGMA journal_size_limit = \(bytes)")
        return Int(min(bytes, Self.foldedBytes) / pageBytes)
    }

    /// Does the next step, inside a transaction that is already open.
    func step(_ db: Database, _ now: Timestamp) throws -> RetentionChoice {
        try catchUp(db)
        let choice = RetentionChoice(try view(db, now), limits, measure)
        if choice.events > 0 {
            let sql = """
                DELETE FROM events WHERE seq <=
                  (SELECT max(seq) FROM (SELECT seq FROM events ORDER BY seq LIMIT ?))
                """
            try db.cachedStatement(sql: sql).execute(arguments: [choice.events])
        }
        if choice.latency > 0 {
            try db.cachedStatement(sql: Self.latencyRemoval).execute(arguments: [choice.latency])
        }
        if choice.hasRows { try count(choice, db, now) }
        if choice.pages > 0 {
            try db.execute(sql: "PRAGMA incremental_vacuum(\(choice.pages))")
        }
        return choice
    }

    static let latencyRemoval = """
        DELETE FROM latency WHERE (source, stage, minute) IN
          (SELECT source, stage, minute FROM latency WHERE listed ORDER BY recorded_at LIMIT ?)
        """

    static let oldestLatency = """
        SELECT recorded_at FROM latency WHERE listed ORDER BY recorded_at LIMIT ?
        """

    private func count(_ choice: RetentionChoice, _ db: Database, _ now: Timestamp) throws {
        let sql = """
            UPDATE retention SET
              events_pruned = events_pruned + :events,
              undelivered_pruned = undelivered_pruned + :undelivered,
              latency_pruned = latency_pruned + :latency, pruned_at = :now,
              undelivered_at = iif(:undelivered > 0, :now, undelivered_at)
            """
        try db.cachedStatement(sql: sql).execute(arguments: [
            "events": choice.events, "undelivered": choice.undelivered,
            "latency": choice.latency, "now": now.text,
        ])
    }

    // MARK: What the choice is made from

    private func view(_ db: Database, _ now: Timestamp) throws -> RetentionChoice.View {
        var view = RetentionChoice.View()
        view.cutoff = cutoff(now)
        view.latest =
            try Int64.fetchOne(db.cachedStatement(sql: "SELECT max(seq) FROM events")) ?? 0
        view.delivered = try delivered(db, now)
        view.events = try Row.fetchAll(
            db.cachedStatement(sql: "SELECT seq, recorded_at FROM events ORDER BY seq LIMIT ?"),
            arguments: [measure.rows]
        ).map { RetentionChoice.Row(seq: $0[0], recordedAt: $0[1]) }
        view.latency = try String.fetchAll(
            db.cachedStatement(sql: Self.oldestLatency), arguments: [measure.rows])
        let free = try Self.number("freelist_count", db)
        let used = try Self.number("page_count", db) - free
        view.usedBytes = Int64(used) * Int64(try Self.number("page_size", db))
        // A file that was not made by logtail may be of the kind that never gives pages back.
        view.freePages = try Self.number("auto_vacuum", db) == 0 ? 0 : free
        return view
    }

    /// Up to where every sink that counts has delivered.
    private func delivered(_ db: Database, _ now: Timestamp) throws -> Int64 {
        let silent = now.advanced(byNanoseconds: -Self.sinkNanoseconds).text
        let positions = try Row.fetchAll(
            db.cachedStatement(sql: "SELECT sink, seq, updated_at FROM bus_positions"))
        return positions.filter { sinks.contains($0[0]) || $0[2] as String >= silent }
            .map { $0[1] }.min() ?? .max
    }

    /// Rows recorded before this are too old; nil where none is.
    func cutoff(_ now: Timestamp) -> String? {
        guard limits.days > 0 else { return nil }
        return now.advanced(byNanoseconds: 0 - Int64(min(limits.days * 86_400e9, 9e18))).text
    }

    private static func number(_ pragma: String, _ db: Database) throws -> Int {
        try Int.fetchOne(db.cachedStatement(sql: "PRAGMA \(pragma)")) ?? 0
    }

    /// What steps would prune by age and count, and how much is in use above the limit of size.
    func preview(_ db: Database, _ now: Timestamp) throws -> RetentionOutcome {
        let view = try view(db, now)
        var outcome = RetentionOutcome()
        let surplus = limits.events > 0 ? view.latest - limits.events : 0
        let kept = """
            SELECT min(seq) FROM events
             WHERE NOT ((recorded_at < :cutoff OR seq <= :surplus) AND seq <= :delivered)
            """
        let cutoff = view.cutoff ?? ""
        if let first = view.events.first?.seq {
            let end = try Int64.fetchOne(
                db, sql: kept,
                arguments: ["cutoff": cutoff, "surplus": surplus, "delivered": view.delivered])
            outcome.events = (end ?? view.latest + 1) - first
        }
        let old = """
            SELECT (SELECT count(*) FROM latency WHERE listed AND recorded_at < :cutoff)
                 + (SELECT count(*) FROM latency WHERE NOT listed AND recorded_at < :cutoff)
            """
        outcome.latency = try Int64.fetchOne(db, sql: old, arguments: ["cutoff": cutoff]) ?? 0
        outcome.excessBytes = limits.room.map { max(0, view.usedBytes - $0.soft) } ?? 0
        return outcome
    }
}

/// What a run of retention did, or would do.
public struct RetentionOutcome: Equatable, Sendable {
    /// Events that went.
    public var events: Int64 = 0
    /// Of these, rows that a sink still waited for.
    public var undelivered: Int64 = 0
    /// Latency rows that went.
    public var latency: Int64 = 0
    /// Bytes in use above what the limit of size leaves for rows, before anything goes. Only a
    /// preview tells: how many rows they are is not known before they are gone.
    public var excessBytes: Int64 = 0

    mutating func add(_ choice: RetentionChoice) {
        events += Int64(choice.events)
        undelivered += Int64(choice.undelivered)
        latency += Int64(choice.latency)
    }
}
