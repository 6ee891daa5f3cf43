import Checkpoint
import Observers
import TestSupport
import Testing

@testable import LogTail

@Suite struct LatencyLedgerTests {
    private static let thresholds = Thresholds(degraded: 500, stall: 2_000)

    @Test func `a cell goes on from what is stored, whichever order minutes come in`() throws {
        var random = SeededGenerator()
        let recorder = CellRecorder()
        var expected: [Int64: Int64] = [:]
        for _ in 0..<30 {
            // A ledger of its own for each round, as after a restart.
            let ledger = LatencyLedger(recorder: recorder, limit: 4)
            for _ in 0..<20 {
                let minute = Int64.random(in: 0..<12, using: &random)
                expected[minute, default: 0] += 1
                record(ledger, minute)
                if ledger.isFull { try recorder.commit(ledger) }
            }
            try recorder.commit(ledger)
        }
        #expect(recorder.cells.mapValues(\.count) == expected)
    }

    @Test func `minutes after the latest one stored are not asked for`() throws {
        let recorder = CellRecorder()
        let ledger = LatencyLedger(recorder: recorder, limit: 4)
        for minute in Int64(0)..<100 {
            record(ledger, minute)
            if ledger.isFull { try recorder.commit(ledger) }
        }
        try recorder.commit(ledger)
        #expect(recorder.cells.count == 100)
        #expect(recorder.questions == 1)
    }

    @Test func `what was counted while nothing could be asked is added to what is stored`() throws {
        let recorder = CellRecorder()
        let first = LatencyLedger(recorder: recorder, limit: 100)
        for minute in [Int64(3), 5, 5, 9] { record(first, minute) }
        try recorder.commit(first)

        let second = LatencyLedger(recorder: recorder, limit: 2)
        recorder.isFailing = true
        record(second, 9)
        #expect(throws: RecorderError.self) { try recorder.commit(second) }
        recorder.isFailing = false
        record(second, 5)
        try recorder.commit(second)
        // The cells were let go; nothing tells any more that these two are not stored.
        record(second, 9)
        record(second, 5)
        try recorder.commit(second)
        #expect(recorder.cells.mapValues(\.count) == [3: 1, 5: 4, 9: 3])
    }

    @Test func `a cell is known to be stored once it was committed, or read`() throws {
        let recorder = CellRecorder()
        func stored(_ ledger: LatencyLedger) throws -> [Int64: Bool] {
            let cells = try ledger.dirtyCells()
            try recorder.commit(ledger)
            return Dictionary(uniqueKeysWithValues: cells.map { ($0.minute, $0.isStored) })
        }
        let first = LatencyLedger(recorder: recorder, limit: 100)
        for minute in [Int64(3), 5] { record(first, minute) }
        #expect(try stored(first) == [3: false, 5: false])
        for minute in [Int64(5), 6] { record(first, minute) }
        #expect(try stored(first) == [5: true, 6: false])

        let second = LatencyLedger(recorder: recorder, limit: 100)
        for minute in [Int64(3), 4, 7] { record(second, minute) }
        #expect(try stored(second) == [3: true, 4: false, 7: false])
        let third = LatencyLedger(recorder: recorder, limit: 100)
        recorder.isFailing = true
        for minute in [Int64(3), 8] { record(third, minute) }
        recorder.isFailing = false
        #expect(try stored(third) == [3: true, 8: false])
    }

    private func record(_ ledger: LatencyLedger, _ minute: Int64) {
        var tally = LatencyTally(ledger, source: "s", Self.thresholds)
        tally.record(Observation(latencyMilliseconds: 1, eventTime: nil), inMinute: minute) { _ in
            "total"
        }
    }
}

/// A recorder of the cells of one stage.
private final class CellRecorder: Recorder {
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
