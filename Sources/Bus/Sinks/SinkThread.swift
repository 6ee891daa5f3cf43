internal import Synchronization
internal import Syscalls

/// What a sink's thread and the one that started it tell each other.
final class SinkThread: Sendable {
    /// What was asked and what was reached.
    struct State: Sendable {
        var isOpen = false
        var openingError: BusError?
        var isDrainRequested = false
        var isDrained = false
        var isStopRequested = false
        var hasEnded = false
    }

    /// Up where rows were committed or something was asked.
    let woken: EventFlag
    /// Up where something was reached.
    private let reached: EventFlag
    let state = Mutex(State())

    init() throws(SystemCallError) {
        woken = try EventFlag()
        reached = try EventFlag()
    }

    /// Asks for something, from the thread that started the sink.
    func request(_ change: (inout State) -> Void) {
        state.withLock { change(&$0) }
        woken.raise()
    }

    /// Tells that something was reached, from the sink's thread.
    func announce(_ change: (inout State) -> Void) {
        state.withLock { change(&$0) }
        reached.raise()
    }

    /// Waits until a condition holds, the deadline has passed (nil: for ever), or the descriptor
    /// `other` can be read; whether the condition holds.
    func wait(
        until deadline: ContinuousClock.Instant?, or other: Int32? = nil,
        _ condition: (State) -> Bool
    ) -> Bool {
        var isInterrupted = false
        while true {
            reached.lower()
            if state.withLock({ condition($0) }) { return true }
            if isInterrupted { return false }
            if let deadline, ContinuousClock.now >= deadline { return false }
            isInterrupted = reached.wait(milliseconds: deadline?.millisecondsFromNow, or: other)
        }
    }
}

extension ContinuousClock.Instant {
    /// How long to wait for this moment, rounded up so that a wait does not end just before it.
    var millisecondsFromNow: Int32 {
        let left = max(.zero, self - .now)
        let (seconds, attoseconds) = left.components
        guard seconds < Int64(Int32.max) / 1_000 else { return Int32.max }
        return Int32(seconds * 1_000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
    }
}
