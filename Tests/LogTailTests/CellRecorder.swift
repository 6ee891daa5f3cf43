import Observers

@testable import LogTail

/// A recorder of the cells of one stage.
final class CellRecorder: Recorder {
    private(set) var cells: [Int64: LatencyCell] = [:]
    /// How often it was asked for what is stored.
    private(set) var questions = 0
    var isFailing = false

    func commit(_ ledger: LatencyLedger) throws(RecorderError) {
        var batch = Batch()
        batch.latency = try ledger.dirtyCells()
        try commit(batch)
        ledger.markCommitted()
    }

    func commit(_ batch: Batch) throws(RecorderError) {
        if isFailing { throw RecorderError("no space left") }
        for cell in batch.latency { cells[cell.minute] = cell }
    }

    func checkpoint(source: String, path: String) throws(RecorderError) -> CheckpointRecord? { nil }
    func forEachCheckpoint(
        source: String, _ body: (CheckpointRecord) -> Void
    ) throws(RecorderError) {}

    func latencyCell(
        source: String, stage: String, minute: Int64
    ) throws(RecorderError) -> LatencyCell? {
        try answer(cells[minute])
    }

    func latestMinute(source: String, stage: String) throws(RecorderError) -> Int64? {
        try answer(cells.keys.max())
    }

    func stageNames(source: String) throws(RecorderError) -> [String] { [] }

    private func answer<Value>(_ value: Value?) throws(RecorderError) -> Value? {
        if isFailing { throw RecorderError("no space left") }
        questions += 1
        return value
    }
}

extension LatencyLedger {
    /// Counts a latency of that stage in a minute since the epoch.
    func record(minute: Int64) {
        var tally = LatencyTally(
            self, source: "s", Thresholds(degraded: 500, stall: 2_000))
        tally.record(Observation(latencyMilliseconds: 1, eventTime: nil), inMinute: minute) { _ in
            "total"
        }
    }
}
