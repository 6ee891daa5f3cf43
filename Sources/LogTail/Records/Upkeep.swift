/// Keeps what is recorded within its limits, in steps that are small enough to be done between
/// two reads.
///
/// All calls come from the engine's thread.
public protocol Upkeep: AnyObject {
    /// Does the next step, of a few milliseconds at the most.
    func step() throws(RecorderError) -> UpkeepProgress
}

/// How far upkeep has come.
public enum UpkeepProgress: Sendable {
    /// There is nothing to do until more is recorded.
    case done
    /// So many rows were removed, and there is more to do; `isUrgent` where rows must not come
    /// in faster than they are removed.
    case more(rows: Int, isUrgent: Bool)
}
