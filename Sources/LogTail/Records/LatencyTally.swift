internal import Observers

/// Counts the observations of one tail in the ledger, and remembers where the cells of their
/// minute lie there: lines of the same minute, which is nearly all, need no search.
struct LatencyTally {
    private let ledger: LatencyLedger
    private let source: String
    private let thresholds: Thresholds

    private var minute = Int64.min
    private var epoch = 0
    /// Slots in the ledger by the index of the stage; -1 where there is none yet. In place, since
    /// an array's reference would be counted for every sample.
    private var slots = InlineArray<64, Int32>(repeating: -1)

    init(_ ledger: LatencyLedger, source: String, _ thresholds: Thresholds) {
        self.ledger = ledger
        self.source = source
        self.thresholds = thresholds
    }

    /// Counts an observation and its stages in a minute; `name` gives the name of a stage.
    mutating func record(
        _ observation: Observation, inMinute minute: Int64, _ name: (StageID) -> String
    ) {
        if minute != self.minute || ledger.epoch != epoch {
            self.minute = minute
            epoch = ledger.epoch
            slots = InlineArray(repeating: -1)
        }
        find(.total, name)
        for index in 0..<observation.stages.count { find(observation.stages[index].stage, name) }
        ledger.record(observation, thresholds, inSlots: slots.span)
    }

    /// Makes sure that the slot of a stage is known.
    private mutating func find(_ stage: StageID, _ name: (StageID) -> String) {
        guard slots[stage.index] < 0 else { return }
        slots[stage.index] = Int32(
            ledger.slot(source: source, stage: name(stage), minute: minute))
    }
}
