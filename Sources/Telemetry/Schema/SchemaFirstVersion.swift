extension Schema {
    /// Version 1. What has been released is never edited: a change is a further migration.
    ///
    /// Comments stand inside the statements so that `.schema` shows them. Filters go along the
    /// sequence from its end, which is where questions are asked, and a million rows take a
    /// fraction of a second. Only what is rare among breaches has an index, one that costs a
    /// breach nothing: sinks and people ask for episodes most.
    static let firstVersion = """
        CREATE TABLE events (
          seq         INTEGER PRIMARY KEY AUTOINCREMENT, -- replay position; never reused
          key         TEXT NOT NULL UNIQUE, -- idempotency key: 128-bit digest of where it came from
          ts          TEXT NOT NULL,        -- event time, UTC, 2026-06-13T08:55:01.123Z
          source      TEXT NOT NULL,        -- headroom-proxy
          event       TEXT NOT NULL,        -- the name it is published under: log.overhead
          kind        TEXT NOT NULL,        -- overhead, stall_episode, or a notice: rotated, …
          status      TEXT NOT NULL,        -- ok | degraded | stall | info | warning
          duration_ms REAL,                 -- breach: its latency, verbatim; episode: its peak
          detail      TEXT NOT NULL,        -- compact JSON object; what is in it depends on kind
          recorded_at TEXT NOT NULL         -- wall clock of the commit, UTC
        );
        CREATE INDEX events_by_kind ON events (kind) WHERE kind <> 'overhead';

        CREATE TABLE latency (
          -- Every observation, breach or not, per minute of event time.
          source      TEXT NOT NULL,
          stage       TEXT NOT NULL,    -- 'total' is the observed latency itself
          minute      TEXT NOT NULL,    -- UTC, 2026-06-13T08:55Z
          count       INTEGER NOT NULL,
          sum_ms      REAL NOT NULL,
          min_ms      REAL NOT NULL,
          max_ms      REAL NOT NULL,
          degraded    INTEGER NOT NULL, -- at or above the threshold, but no stall
          stalled     INTEGER NOT NULL, -- at or above the stall threshold
          buckets     TEXT NOT NULL,
          -- The distribution, a JSON object {"bucket": count} without empty buckets. Bucket b
          -- holds the latencies from low(b) up to low(b + 1), where with e = b >> 6 (rounded
          -- down) and m = b & 63:  low(b) = 2^e * (1 + m / 64.0) milliseconds.
          -- Everything below 2^-20 ms is in bucket -1280, everything from 2^40 ms in 2560.
          -- The middle of a bucket is within 0.8 % of all that is in it, so a quantile read from
          -- it is too: go up from the lowest bucket until that share of count is passed.
          -- Distributions of several rows merge by adding the counts bucket by bucket.
          recorded_at TEXT NOT NULL, -- wall clock of the last commit that touched the row
          PRIMARY KEY (source, stage, minute)
        ) WITHOUT ROWID;

        CREATE TABLE checkpoints (
          source         TEXT NOT NULL,
          path           TEXT NOT NULL,    -- the path followed
          device         INTEGER NOT NULL, -- of the file being read; 64 bits, may show as negative
          inode          INTEGER NOT NULL, -- as device
          offset         INTEGER NOT NULL, -- just past the last line whose effects are here
          fingerprint    TEXT NOT NULL,    -- of the file's head, and of the bytes before offset
          episode        TEXT,             -- the open episodes and the line clock, JSON, or NULL
          bytes_read     INTEGER NOT NULL, -- of complete lines, in all generations
          lines_matched  INTEGER NOT NULL, -- observations
          lines_unparsed INTEGER NOT NULL, -- lines with the marker that did not parse
          updated_at     TEXT NOT NULL,
          PRIMARY KEY (source, path)
        );

        CREATE TABLE bus_positions (
          sink       TEXT PRIMARY KEY,
          seq        INTEGER NOT NULL, -- of the last event the sink has delivered
          updated_at TEXT NOT NULL
        );

        CREATE VIEW overhead_hourly AS
          -- Observed latency per source and hour, for people who use sqlite3 alone.
          SELECT source,
                 substr(minute, 1, 13) || ':00Z' AS hour,
                 sum(count)                      AS count,
                 sum(degraded)                   AS degraded,
                 sum(stalled)                    AS stalled,
                 sum(sum_ms) / sum(count)        AS mean_ms,
                 max(max_ms)                     AS max_ms
            FROM latency
           WHERE stage = 'total'
           GROUP BY source, hour;
        """
}
