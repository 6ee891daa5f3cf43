PRAGMA application_id=1281840236;
PRAGMA user_version=4;
BEGIN TRANSACTION;
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
INSERT INTO events VALUES(2,'165d7dcbf226bc36fee430fb4bf7b96f','2026-06-13T08:55:02.000Z','headroom-proxy','log.overhead','stall_episode','stall',2000.0,'{"count":1,"peak_ms":2000.0,"dominant_stage":null,"started":"2026-06-13T08:55:02.000Z"}','2026-11-21T12:06:44.927Z');
INSERT INTO events VALUES(3,'265d7dcbf226bc36fee430fb4bf7b96f','2026-06-13T08:56:00.000Z','headroom-proxy','log.overhead','overhead','degraded',612.5,'{"stage":"deep_copy"}','2026-11-21T14:02:11.000Z');
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
  recorded_at TEXT NOT NULL, listed INTEGER NOT NULL DEFAULT 1 /* 0 until the index has it; recorded_at: */, -- wall clock of the last commit that touched the row
  PRIMARY KEY (source, stage, minute)
) WITHOUT ROWID;
INSERT INTO latency VALUES('headroom-proxy','total','2026-06-13T08:55Z',3,2612.7499999999999999,0.25,2000.0,1,1,'{"-128":1,"588":1,"701":1}','2026-11-21T12:06:44.927Z',1);
INSERT INTO latency VALUES('headroom-proxy','total','2026-06-13T08:56Z',1,612.5,612.5,612.5,1,0,'{"588":1}','2026-11-21T14:02:11.000Z',0);
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
INSERT INTO checkpoints VALUES('headroom-proxy','/var/log/proxy.log',-1,-9223372036854775808,4711,'1 birth=-5 head=4:9f2e6d33a3717ee826353a404ba4618d tail=4:9f2e6d33a3717ee826353a404ba4618d','{"open":[]}',4711,3,1,'2026-11-21T12:06:44.927Z');
CREATE TABLE bus_positions (
  sink       TEXT PRIMARY KEY,
  seq        INTEGER NOT NULL, -- of the last event the sink has delivered
  updated_at TEXT NOT NULL
);
INSERT INTO bus_positions VALUES('unix',1,'2026-11-21T12:06:44.930Z');
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
, events_tallied INTEGER NOT NULL DEFAULT 0 /* the seq up to which event_tallies counts */, last_deleted INTEGER NOT NULL DEFAULT 0 /* seq of an event that was the newest one */);
INSERT INTO retention VALUES(1,NULL,NULL,NULL,1,0,0,'2026-11-21T13:28:25.379Z',NULL,2,3);
CREATE TABLE event_tallies (
  -- What event_counts counted before: events up to retention.events_tallied.
  source TEXT NOT NULL,
  kind   TEXT NOT NULL,
  status TEXT NOT NULL,
  count  INTEGER NOT NULL,
  PRIMARY KEY (source, kind, status)
) WITHOUT ROWID;
INSERT INTO event_tallies VALUES('headroom-proxy','overhead','degraded',1);
INSERT INTO event_tallies VALUES('headroom-proxy','stall_episode','stall',1);
DELETE FROM sqlite_sequence;
INSERT INTO sqlite_sequence VALUES('events',1027);
CREATE INDEX events_by_kind ON events (kind) WHERE kind <> 'overhead';
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
   GROUP BY source, hour
;
CREATE VIEW event_counts AS
  -- How many events were ever recorded, those that were pruned since included.
  SELECT source, kind, status, sum(count) AS count
    FROM (SELECT source, kind, status, count FROM event_tallies
          UNION ALL
          SELECT source, kind, status, 1 FROM events
           WHERE seq > (SELECT events_tallied FROM retention))
   GROUP BY source, kind, status
;
CREATE INDEX latency_by_recorded_at ON latency (recorded_at, listed) WHERE listed;
CREATE INDEX latency_unlisted ON latency (source) WHERE NOT listed;
CREATE TRIGGER newest_event_deleted AFTER DELETE ON events
  WHEN old.seq > coalesce((SELECT max(seq) FROM events), 0)
BEGIN
  UPDATE retention SET last_deleted = max(last_deleted, old.seq);
END;
COMMIT;
