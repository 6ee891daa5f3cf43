extension Schema {
    /// Version 3: what a commit need not write while a breach waits for it is left to upkeep.
    ///
    /// Both parts are exact for whoever asks: the view counts what is not tallied yet, and rows
    /// that are not listed have an index of their own, with few in it. SQLite puts a column that
    /// is added before the comment on the last one, hence how its own comment ends.
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

        ALTER TABLE latency ADD COLUMN
          listed INTEGER NOT NULL DEFAULT 1 /* 0 until the index has it; recorded_at: */;
        DROP INDEX latency_by_recorded_at;
        CREATE INDEX latency_by_recorded_at ON latency (recorded_at, listed) WHERE listed;
        CREATE INDEX latency_unlisted ON latency (source) WHERE NOT listed;
        """
}
