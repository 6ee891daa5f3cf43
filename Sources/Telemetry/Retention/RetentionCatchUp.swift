internal import GRDB

extension RetentionSteps {
    /// Does what commits leave to upkeep, inside a transaction that is already open: rows are
    /// tallied before they can go, and those of latency listed, so that the oldest are found.
    func catchUp(_ db: Database) throws {
        try tally(db)
        try db.cachedStatement(sql: Self.listing).execute()
    }

    static let listing = "UPDATE latency SET listed = 1 WHERE NOT listed"

    /// Adds the events that came since the last time to how many there ever were: counting a
    /// million of them takes too long, and pruned ones could not be counted at all.
    private func tally(_ db: Database) throws {
        let news = """
            SELECT latest FROM (SELECT max(seq) AS latest FROM events), retention
             WHERE latest > events_tallied
            """
        guard let latest = try Int64.fetchOne(db.cachedStatement(sql: news)) else { return }
        let addition = """
            INSERT INTO event_tallies (source, kind, status, count)
              SELECT source, kind, status, count(*) FROM events
               WHERE seq > (SELECT events_tallied FROM retention)
               GROUP BY source, kind, status
            ON CONFLICT (source, kind, status) DO UPDATE SET count = count + excluded.count
            """
        try db.cachedStatement(sql: addition).execute()
        try db.cachedStatement(sql: "UPDATE retention SET events_tallied = ?")
            .execute(arguments: [latest])
    }
}
