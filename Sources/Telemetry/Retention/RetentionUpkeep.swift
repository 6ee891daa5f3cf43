public import LogTail
internal import Observers
internal import Syscalls

/// Retention as the daemon applies it, a step at a time between two reads.
public final class RetentionUpkeep: Upkeep {
    private let store: TelemetryStore
    private let steps: RetentionSteps
    private let limits: RetentionLimits
    private let warn: (String) -> Void
    private var isPruningUndelivered = false

    /// Pages left free for the rows to come: at most 1 MiB, at most a 32nd of the limit.
    private static func spare(_ limits: RetentionLimits) -> Int {
        Int(min((limits.room?.writeAhead ?? .max) / 4, 1 << 20) / 4_096)
    }

    /// Retention of a store under `limits`, which are noted in the database; rows are held for
    /// `sinks` even if they have delivered nothing for long. `warn` is told when rows can no
    /// longer be held.
    public init(
        _ store: TelemetryStore, _ limits: RetentionLimits, sinks: [String],
        warn: @escaping (String) -> Void
    ) throws(TelemetryError) {
        self.store = store
        self.limits = limits
        self.warn = warn
        steps = RetentionSteps(limits, sinks: sinks, spare: Self.spare(limits))
        try store.note(limits, steps)
    }

    /// Does the next step.
    public func step() throws(RecorderError) -> UpkeepProgress {
        let choice = try store.prune(steps, Timestamp(nanoseconds: Clock.wall))
        tell(choice)
        guard !choice.isEmpty else { return .done }
        return .more(rows: choice.events + choice.latency, isUrgent: choice.isUrgent)
    }

    /// Says so once when the limit of size begins to cost rows that a sink waits for.
    private func tell(_ choice: RetentionChoice) {
        if choice.undelivered > 0 {
            guard !isPruningUndelivered else { return }
            isPruningUndelivered = true
            warn(
                "the database has reached --keep-mib \(limits.mebibytes): rows that a bus has not "
                    + "delivered yet are being pruned; bring the bus back, or keep more")
        } else if choice.hasRows {
            isPruningUndelivered = false
        }
    }
}
