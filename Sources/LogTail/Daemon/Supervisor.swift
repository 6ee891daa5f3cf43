internal import Syscalls

/// Tells the supervisor how the daemon fares, as sd_notify(3) describes it; says nothing where
/// nobody asked.
final class Supervisor {
    private let socket = NotifySocket()
    /// Half of what the supervisor waits for a sign of life, nanoseconds.
    private let beatInterval: Int64?
    private var lastBeat = Clock.monotonic
    private var lastStatus = ""
    /// What had no room in the supervisor's queue and must arrive: it goes before the next message.
    private var owed = ""

    init() {
        // Who waits for centuries may be told a little sooner.
        beatInterval = NotifySocket.watchdogMicroseconds.map { min($0, .max / 1_000) * 500 }
    }

    /// When the next sign of life is due, on the monotonic clock; nil where none is asked for.
    var nextBeat: Int64? { beatInterval.map { lastBeat + $0 } }

    /// Every watch is armed.
    func ready(_ status: String) {
        owed = "READY=1\n"
        report(status)
    }

    /// What the daemon is doing, where that has changed.
    func report(_ status: @autoclosure () -> String) {
        guard socket != nil else { return }
        let status = status()
        guard status != lastStatus || !owed.isEmpty else { return }
        if send("STATUS=\(status)") { lastStatus = status }
    }

    /// Shows that the loop goes round.
    func beat() {
        guard let nextBeat else { return }
        let now = Clock.monotonic
        guard now >= nextBeat else { return }
        lastBeat = now
        _ = send("WATCHDOG=1")
    }

    /// The daemon is about to end.
    func stopping() {
        _ = send("STOPPING=1")
    }

    private func send(_ message: String) -> Bool {
        guard let socket, socket.send(owed + message) else { return false }
        owed = ""
        return true
    }
}
