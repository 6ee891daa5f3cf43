extension Schema {
    /// Version 2: what retention did, and what was recorded before it was pruned.
    ///
    /// Old rows of latency are found by an index, since their key begins with the source. Events
    /// need none: their oldest are those with the lowest seq.
    static let secondVersion = """
        CREATE TABLE event_counts (
          -- How many events were ever recorded, those that were pruned since included.
          source TEXT NOT NULL,
          kind   TEXT NOT NULL,
          status TEXT NOT NULL,
          count  INTEGER NOT NULL,
          PRIMARY KEY (source, kind, status)
        ) WITHOUT ROWID;
        INSERT INTO event_counts
          SELECT source, kind, status, count(*) FROM events GROUP BY source, kind, status;

        CREATE TABLE retention (
          id                 INTEGER PRIMARY KEY CHECK (id = 1), -- there is one row
          keep_days          REAL,             -- limits of the daemon that ran last; 0 is none,
          keep_events        INTEGER,          -- NULL where no daemon has told
          keep_mib           REAL,
          events_pruned      INTEGER NOT NULL, -- rows that were ever pruned
          undelivered_pruned INTEGER NOT NULL, -- of these, rows that a sink still waited for
          latency_pruned     INTEGER NOT NULL,
          pruned_at          TEXT,             -- when that was last
          undelivered_at     TEXT              -- when a row was that a sink still waited for
        );
        INSERT INTO retention (id, events_pruned, undelivered_pruned, latency_pruned)
          VALUES (1, 0, 0, 0);

        CREATE INDEX latency_by_recorded_at ON latency (recorded_at);
        """
}
