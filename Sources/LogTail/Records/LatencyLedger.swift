internal import Observers

/// The cells of the latency table that are being filled, kept between commits.
///
/// Observations are counted in memory and written once per commit, each cell with its whole
/// contents. A cell starts from what the database holds, so that sums are added in the order the
/// lines were read, however reading was cut into batches.
final class LatencyLedger {
    /// Fewer would not hold the stages of a minute twice over.
    static let least = 128

    /// Cells between two commits at the most: a backlog touches new minutes at the speed of
    /// reading, and a cell is one or two kilobytes.
    private let limit: Int

    private struct Entry {
        var cell: LatencyCell
        /// False where the database could not be asked yet.
        var isBased: Bool
        var isDirty = false

        mutating func record(_ milliseconds: Double, _ thresholds: Thresholds) {
            cell.record(milliseconds, thresholds)
            isDirty = true
        }
    }

    private struct Series: Hashable {
        let source: String
        let stage: String
    }

    private struct Key: Hashable {
        let series: Series
        let minute: Int64
    }

    private let recorder: any Recorder
    private var entries: [Entry] = []
    private var slots: [Key: Int] = [:]
    /// The latest minute of which the database may have a cell: what comes after it, which is
    /// nearly all, need not be asked for.
    private var latestMinutes: [Series: Int64] = [:]

    /// Changes whenever slots given out before are no longer valid.
    private(set) var epoch = 0

    init(recorder: any Recorder, limit: Int) {
        self.recorder = recorder
        self.limit = limit
    }

    /// True when it is time to commit.
    var isFull: Bool { entries.count >= limit }

    /// The slot of a cell, valid in this epoch.
    func slot(source: String, stage: String, minute: Int64) -> Int {
        let series = Series(source: source, stage: stage)
        let key = Key(series: series, minute: minute)
        if let slot = slots[key] { return slot }
        let empty = LatencyCell(source: source, stage: stage, minute: minute)
        do throws(RecorderError) {
            entries.append(Entry(cell: try stored(series, minute) ?? empty, isBased: true))
        } catch {
            entries.append(Entry(cell: empty, isBased: false))
            // Nobody knows by now what comes after what is stored.
            latestMinutes[series] = .max
        }
        slots[key] = entries.count - 1
        return entries.count - 1
    }

    /// What the database holds of a cell, if anything.
    private func stored(_ series: Series, _ minute: Int64) throws(RecorderError) -> LatencyCell? {
        var latest = latestMinutes[series]
        if latest == nil {
            latest = try recorder.latestMinute(source: series.source, stage: series.stage)
        }
        latestMinutes[series] = max(latest ?? .min, minute)
        guard let latest, minute <= latest else { return nil }
        return try row(series, minute)
    }

    /// The cell as the recorder has it, if it does.
    private func row(_ series: Series, _ minute: Int64) throws(RecorderError) -> LatencyCell? {
        var cell = try recorder.latencyCell(
            source: series.source, stage: series.stage, minute: minute)
        cell?.isStored = true
        return cell
    }

    /// Counts an observation; `slots` has the slot of each of its stages.
    func record(
        _ observation: Observation, _ thresholds: Thresholds, inSlots slots: Span<Int32>
    ) {
        Self.record(observation, thresholds, slots, in: &entries)
    }

    /// Takes the entries as a whole: an access to a property of a class is checked each time.
    private static func record(
        _ observation: Observation, _ thresholds: Thresholds, _ slots: Span<Int32>,
        in entries: inout [Entry]
    ) {
        var entries = entries.mutableSpan
        entries[Int(slots[StageID.total.index])].record(
            observation.latencyMilliseconds, thresholds)
        for index in 0..<observation.stages.count {
            let sample = observation.stages[index]
            entries[Int(slots[sample.stage.index])].record(sample.milliseconds, thresholds)
        }
    }

    /// The cells that changed since the last commit. Fails where the database still cannot say
    /// what a cell held before.
    func dirtyCells() throws(RecorderError) -> [LatencyCell] {
        var cells: [LatencyCell] = []
        for index in entries.indices where entries[index].isDirty {
            if !entries[index].isBased { try rebase(index) }
            cells.append(entries[index].cell)
        }
        return cells
    }

    /// Notes that the dirty cells are in the database.
    func markCommitted() {
        if isFull {
            entries.removeAll()
            slots.removeAll()
            epoch += 1
        } else {
            for index in entries.indices where entries[index].isDirty {
                entries[index].isDirty = false
                entries[index].cell.isStored = true
            }
        }
    }

    private func rebase(_ index: Int) throws(RecorderError) {
        let cell = entries[index].cell
        let series = Series(source: cell.source, stage: cell.stage)
        if var stored = try row(series, cell.minute) {
            stored.merge(cell)
            entries[index].cell = stored
        }
        entries[index].isBased = true
    }
}
