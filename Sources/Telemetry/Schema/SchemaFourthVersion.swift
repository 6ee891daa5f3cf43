extension Schema {
    /// Version 4: the numbers of events are reserved ahead (``EventSequence``), so that what
    /// `sqlite_sequence` has is no longer the last one. That is the last row's, or where somebody
    /// deleted it, the one that is noted here.
    static let fourthVersion = """
        ALTER TABLE retention ADD COLUMN
          last_deleted INTEGER NOT NULL DEFAULT 0 /* seq of an event that was the newest one */;
        UPDATE retention SET last_deleted =
          coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'events'), 0);

        CREATE TRIGGER newest_event_deleted AFTER DELETE ON events
          WHEN old.seq > coalesce((SELECT max(seq) FROM events), 0)
        BEGIN
          UPDATE retention SET last_deleted = max(last_deleted, old.seq);
        END;
        """
}
