extension Schema {
    /// Version 3: what a commit need not write while a breach waits for it is left to upkeep.
    ///
    /// The view is exact for whoever asks: it counts what is not tallied yet.
    static let thirdVersion = """
        CREATE TABLE event_tallies (
          -- What event_counts counted before: events up to retention.events_tallied.
          source TEXT NOT NULL,
          kind   TEXT NOT NULL,
          status TEXT NOT NULL,
          count  INTEGER NOT NULL,
          PRIMARY KEY (source, kind, status)
        ) WITHOUT ROWID;
        INSERT INTO event_tallies SELECT source, kind, status, count FROM event_counts;
        DROP TABLE event_counts;

        ALTER TABLE retention ADD COLUMN
          events_tallied INTEGER NOT NULL DEFAULT 0 /* the seq up to which event_tallies counts */;
        UPDATE retention SET events_tallied =
          coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'events'), 0);

        CREATE VIEW event_counts AS
          -- How many events were ever recorded, those that were pruned since included.
          SELECT source, kind, status, sum(count) AS count
            FROM (SELECT source, kind, status, count FROM event_tallies
                  UNION ALL
                  SELECT source, kind, status, 1 FROM events
                   WHERE seq > (SELECT events_tallied FROM retention))
           GROUP BY source, kind, status;
        """
}
