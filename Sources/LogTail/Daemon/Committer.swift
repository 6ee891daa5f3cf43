internal import Syscalls

/// Decides when what was read is recorded, and does not let reading go on while it cannot be.
final class Committer {
    /// A recorder that failed is asked again this often, nanoseconds.
    private static let retryInterval: Int64 = 250_000_000

    private let recorder: any Recorder
    private let harvest: Harvest
    private let journal: Journal
    private var dirty: [TailedFile] = []
    private var lastCommit: Int64 = 0
    private var retryTime: Int64?

    /// Rows of all kinds that were ever recorded, each counted when it was new.
    private(set) var rowsRecorded = 0

    init(_ recorder: any Recorder, _ harvest: Harvest, _ journal: Journal) {
        self.recorder = recorder
        self.harvest = harvest
        self.journal = journal
    }

    /// True where what is read can be recorded, as far as is known.
    func isReady(_ now: Int64) -> Bool { retryTime.map { now >= $0 } ?? true }

    /// True where nothing waits to be recorded.
    var isClean: Bool { dirty.isEmpty && harvest.events.isEmpty }

    /// Takes note of a tail whose checkpoint is behind.
    func note(_ tail: TailedFile) {
        if !dirty.contains(where: { $0 === tail }) { dirty.append(tail) }
    }

    /// True when it is time to commit: at once where there are events, after `interval` where
    /// only positions and latencies moved.
    func isDue(_ now: Int64, every interval: Int64) -> Bool {
        guard isReady(now) else { return false }
        if !harvest.events.isEmpty || harvest.isFull { return true }
        return !dirty.isEmpty && now >= lastCommit + interval
    }

    /// When it will be time; nil where there is nothing to record.
    func nextDeadline(every interval: Int64) -> Int64? {
        if let retryTime { return retryTime }
        return dirty.isEmpty ? nil : lastCommit + interval
    }

    /// Commits what there is; true where rows came in.
    func commit(_ now: Int64) -> Bool {
        do throws(RecorderError) {
            var batch = Batch()
            batch.events = harvest.events
            batch.latency = try harvest.ledger.dirtyCells()
            batch.checkpoints = dirty.compactMap { $0.checkpoint() }
            if !batch.isEmpty { try recorder.commit(batch) }
            rowsRecorded += batch.events.count + batch.latency.count { !$0.isStored }
        } catch {
            if retryTime == nil {
                journal.write(.error, "\(error); reading pauses until it can be recorded")
            }
            retryTime = now + Self.retryInterval
            return false
        }
        if retryTime != nil { journal.write(.info, "recording again") }
        retryTime = nil
        lastCommit = now
        let hadEvents = !harvest.events.isEmpty
        harvest.events.removeAll(keepingCapacity: harvest.events.count < 64)
        harvest.ledger.markCommitted()
        for tail in dirty { tail.isDirty = false }
        dirty.removeAll(keepingCapacity: true)
        return hadEvents
    }
}
