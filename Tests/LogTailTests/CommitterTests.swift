import Testing

@testable import LogTail

@Suite struct CommitterTests {
    @Test func `a row is counted when it is new, not when it is written again`() {
        let recorder = CellRecorder()
        let harvest = Harvest(recorder: recorder, limit: 4_096)
        let committer = Committer(recorder, harvest, .silent)
        for (minutes, rows) in [([3], 1), ([3, 3], 1), ([3, 4], 2), ([4, 5, 6], 4)] {
            for minute in minutes { harvest.ledger.record(minute: Int64(minute)) }
            _ = committer.commit(0)
            #expect(committer.rowsRecorded == rows)
        }
        #expect(recorder.cells.mapValues(\.count) == [3: 4, 4: 2, 5: 1, 6: 1])
    }

    @Test func `a row that could not be recorded is counted once it is`() {
        let recorder = CellRecorder()
        let harvest = Harvest(recorder: recorder, limit: 4_096)
        let committer = Committer(recorder, harvest, .silent)
        harvest.ledger.record(minute: 3)
        recorder.isFailing = true
        _ = committer.commit(0)
        #expect(committer.rowsRecorded == 0)
        recorder.isFailing = false
        _ = committer.commit(1_000_000_000)
        #expect(committer.rowsRecorded == 1)
    }
}
