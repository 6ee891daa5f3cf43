internal import CLinux
internal import Glibc

/// A shell command that runs beside this process: posix_spawn(3), pidfd_open(2), waitpid(2).
///
/// Its end is something to wait for like any other descriptor, so that nobody has to stand still
/// for it. What is still running when the value goes away is killed, with all it has started.
public final class ChildProcess {
    /// How a command ended.
    public enum End: Equatable, Sendable, CustomStringConvertible {
        /// It ended by itself, with this status.
        case exited(Int32)
        /// A signal ended it.
        case killed(signal: Int32)

        /// In words: `exit status 2`.
        public var description: String {
            switch self {
            case .exited(let status): "exit status \(status)"
            case .killed(let signal): "ended by signal \(signal)"
            }
        }
    }

    private let process: Int32
    private let descriptor: FileDescriptor
    private var end: End?

    /// Starts `/bin/sh -c` with a script that finds `argument` in `$1`.
    public init(shellScript script: String, argument: String) throws(SystemCallError) {
        var process: Int32 = 0
        // SAFETY: both strings outlive the call, which writes one process id.
        let error = unsafe clinux_spawn_shell(script, argument, &process)
        guard error == 0 else { throw SystemCallError("spawn", "/bin/sh", errorNumber: error) }
        self.process = process
        let number = clinux_pidfd_open(process)
        guard number >= 0 else {
            let error = SystemCallError("pidfd_open")
            // Without a descriptor its end would never be noticed.
            Self.kill(process)
            throw error
        }
        descriptor = FileDescriptor(owning: number)
    }

    deinit {
        if end == nil { Self.kill(process) }
    }

    /// The number that can be read from once the command has ended.
    public var number: Int32 { descriptor.number }

    /// How the command ended; nil while it runs.
    public func poll() -> End? {
        if end == nil { end = Self.collect(process, WNOHANG) }
        return end
    }

    /// Ends the command and all it has started, and collects what is left of it.
    public func kill() {
        guard end == nil else { return }
        Self.kill(process)
        end = .killed(signal: SIGKILL)
    }

    private static func kill(_ process: Int32) {
        // The command leads a process group of its own.
        _ = Glibc.kill(-process, SIGKILL)
        _ = collect(process, 0)
    }

    /// How a process of this one ended, which is forgotten with that; nil where none did.
    static func collect(_ process: Int32, _ options: Int32) -> End? {
        var status: Int32 = 0
        // SAFETY: the call writes one status.
        let answer = try? retrying("waitpid") { unsafe waitpid(process, &status, options) }
        guard answer == process else { return nil }
        // The layout of a status: the signal in the low 7 bits, the exit status above 8 (wait(2)).
        let signal = status & 0x7f
        return signal == 0 ? .exited(status >> 8 & 0xff) : .killed(signal: signal)
    }
}
