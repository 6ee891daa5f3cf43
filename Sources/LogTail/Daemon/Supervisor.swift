internal import Syscalls

/// Tells the supervisor how the daemon fares, as sd_notify(3) describes it; says nothing where
/// nobody asked.
final class Supervisor {
    private let socket = NotifySocket()
    /// Half of what the supervisor waits for a sign of life, nanoseconds.
    private let beatInterval: Int64?
    private var lastBeat = Clock.monotonic
    private var lastStatus = ""

    init() {
        // Who waits for centuries may be told a little sooner.
        beatInterval = NotifySocket.watchdogMicroseconds.map { min($0, .max / 1_000) * 500 }
    }

    /// When the next sign of life is due, on the monotonic clock; nil where none is asked for.
    var nextBeat: Int64? { beatInterval.map { lastBeat + $0 } }

    /// Every watch is armed.
    func ready(_ status: String) {
        lastStatus = status
        socket?.send("READY=1\nSTATUS=\(status)")
    }

    /// What the daemon is doing, where that has changed.
    func report(_ status: @autoclosure () -> String) {
        guard let socket else { return }
        let status = status()
        guard status != lastStatus else { return }
        lastStatus = status
        socket.send("STATUS=\(status)")
    }

    /// Shows that the loop goes round.
    func beat(_ now: Int64) {
        guard let next = nextBeat, now >= next else { return }
        lastBeat = now
        socket?.send("WATCHDOG=1")
    }

    /// The daemon is about to end.
    func stopping() {
        socket?.send("STOPPING=1")
    }
}
