internal import Synchronization
internal import Syscalls

/// Where the daemon's own log goes: standard error, as far as somebody takes it.
///
/// A collector that hangs must not keep the loop from recording, nor a signal from being heard. So
/// a message waits for room for a short time, and none does after one that waited in vain.
final class DaemonLogOutlet: Sendable {
    /// How long a message waits, milliseconds: a reader that is alive needs less.
    private static let patience: Int32 = 100

    /// Messages that were dropped since the last one that went through.
    private let dropped = Mutex<Int64>(0)

    /// Writes a line; `loss` makes one to come before it, which tells how many were dropped.
    func write(_ line: String, loss: (_ count: Int64) -> String) {
        dropped.withLock { dropped in
            let text = dropped > 0 ? loss(dropped) + "\n" + line : line
            // A log that nobody can take is no reason to stop recording.
            let isWritten = try? StandardStream.error.write(
                text + "\n", within: dropped > 0 ? 0 : Self.patience)
            dropped = isWritten == true ? 0 : dropped + 1
        }
    }
}
