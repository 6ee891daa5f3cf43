internal import GRDB
internal import Observers
internal import Syscalls

extension RetentionSteps {
    /// Removes the checkpoints of paths at which nothing is and nothing was read for as long as
    /// rows are kept: names with a date or a process id in them come anew each time. One that
    /// cannot be looked at stays.
    func forgetVanished(_ db: Database, _ now: Timestamp) throws {
        guard let cutoff = cutoff(now) else { return }
        let old = try Row.fetchAll(
            db, sql: "SELECT source, path FROM checkpoints WHERE updated_at < ?",
            arguments: [cutoff])
        for row in old where Self.isVanished(row[1]) {
            try db.execute(
                sql: "DELETE FROM checkpoints WHERE source = ? AND path = ?",
                arguments: [row[0] as String, row[1] as String])
        }
    }

    private static func isVanished(_ path: String) -> Bool {
        do {
            return try FileStatus(path: path) == nil
        } catch {
            return false
        }
    }
}
