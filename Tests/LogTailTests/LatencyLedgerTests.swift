import Checkpoint
import Observers
import TestSupport
import Testing

@testable import LogTail

@Suite struct LatencyLedgerTests {
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
                ledger.record(minute: minute)
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
            ledger.record(minute: minute)
            if ledger.isFull { try recorder.commit(ledger) }
        }
        try recorder.commit(ledger)
        #expect(recorder.cells.count == 100)
        #expect(recorder.questions == 1)
    }

    @Test func `what was counted while nothing could be asked is added to what is stored`() throws {
        let recorder = CellRecorder()
        let first = LatencyLedger(recorder: recorder, limit: 100)
        for minute in [Int64(3), 5, 5, 9] { first.record(minute: minute) }
        try recorder.commit(first)

        let second = LatencyLedger(recorder: recorder, limit: 2)
        recorder.isFailing = true
        second.record(minute: 9)
        #expect(throws: RecorderError.self) { try recorder.commit(second) }
        recorder.isFailing = false
        second.record(minute: 5)
        try recorder.commit(second)
        // The cells were let go; nothing tells any more that these two are not stored.
        second.record(minute: 9)
        second.record(minute: 5)
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
        for minute in [Int64(3), 5] { first.record(minute: minute) }
        #expect(try stored(first) == [3: false, 5: false])
        for minute in [Int64(5), 6] { first.record(minute: minute) }
        #expect(try stored(first) == [5: true, 6: false])

        let second = LatencyLedger(recorder: recorder, limit: 100)
        for minute in [Int64(3), 4, 7] { second.record(minute: minute) }
        #expect(try stored(second) == [3: true, 4: false, 7: false])
        let third = LatencyLedger(recorder: recorder, limit: 100)
        recorder.isFailing = true
        for minute in [Int64(3), 8] { third.record(minute: minute) }
        recorder.isFailing = false
        #expect(try stored(third) == [3: true, 8: false])
    }
}
