public import Glibc

/// A program that was started with the signals of a shell's child: a test's own thread blocks
/// most of them, and a child would inherit that.
public final class ChildProcess {
    /// How a program ended.
    public enum Exit: Equatable, Sendable {
        /// It ended by itself, with this status.
        case code(Int32)
        /// A signal ended it.
        case signal(Int32)
    }

    /// A program that could not be started.
    public struct SpawnError: Error {
        /// Its name, as it was given.
        public let program: String
        /// What posix_spawn(3) said.
        public let errorNumber: Int32
    }

    /// The number of its process.
    public let pid: pid_t
    /// How it ended, once that was looked at; nil before.
    public private(set) var exit: Exit?

    /// Starts the program that `arguments` begin with; its standard output and errors are appended
    /// to the files of those names.
    public init(
        _ arguments: [String], environment: [String: String], output: String, errors: String
    ) throws {
        pid = try Self.spawn(arguments, environment.map { "\($0.key)=\($0.value)" }, output, errors)
    }

    deinit {
        guard isRunning else { return }
        send(SIGKILL)
        _ = waitpid(pid, nil, 0)
    }

    /// True until the program has ended, and its end was looked at.
    public var isRunning: Bool {
        guard exit == nil else { return false }
        var status: Int32 = 0
        // SAFETY: the kernel writes one status.
        guard unsafe waitpid(pid, &status, WNOHANG) == pid else { return true }
        // The layout that the macros of wait(2) take apart.
        let signal = status & 0x7f
        exit = signal == 0 ? .code(status >> 8 & 0xff) : .signal(signal)
        return false
    }

    /// Sends a signal, where it is running.
    public func send(_ signal: Int32) {
        if isRunning { kill(pid, signal) }
    }

    /// How the program ends; fails where it does not in time.
    public func waitForExit(within limit: Duration = .seconds(20)) throws -> Exit {
        try eventually("the process ends", within: limit) { !isRunning }
        guard let exit else { preconditionFailure("an ended process has an exit") }
        return exit
    }

    private static func spawn(
        _ arguments: [String], _ variables: [String], _ output: String, _ errors: String
    ) throws -> pid_t {
        // SAFETY: plain memory, initialised in the next statements.
        var actions = unsafe posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        // SAFETY: the calls initialise what they are given; it is destroyed when this ends.
        unsafe posix_spawn_file_actions_init(&actions)
        // SAFETY: as above.
        unsafe posix_spawnattr_init(&attributes)
        defer {
            // SAFETY: as above.
            unsafe posix_spawn_file_actions_destroy(&actions)
            // SAFETY: as above.
            unsafe posix_spawnattr_destroy(&attributes)
        }
        for (number, file) in [(1, output), (2, errors)] as [(Int32, String)] {
            // SAFETY: the call copies the name.
            unsafe posix_spawn_file_actions_addopen(
                &actions, number, file, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        }
        // SAFETY: the call copies the name.
        unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        resetSignals(&attributes)
        var pid: pid_t = 0
        // SAFETY: both lists end with the null that exec(3) asks for and outlive the call.
        let errorNumber = unsafe withStrings(arguments) { list in
            unsafe withStrings(variables) { variables in
                unsafe posix_spawnp(
                    &pid, arguments[0], &actions, &attributes, list, variables)
            }
        }
        guard errorNumber == 0 else {
            throw SpawnError(program: arguments[0], errorNumber: errorNumber)
        }
        return pid
    }

    private static func resetSignals(_ attributes: inout posix_spawnattr_t) {
        var none = sigset_t()
        var all = sigset_t()
        // SAFETY: the calls fill the sets they are given.
        unsafe sigemptyset(&none)
        // SAFETY: as above.
        unsafe sigfillset(&all)
        // SAFETY: the calls copy the sets.
        unsafe posix_spawnattr_setsigmask(&attributes, &none)
        // SAFETY: as above.
        unsafe posix_spawnattr_setsigdefault(&attributes, &all)
        // SAFETY: the attributes were initialised by the caller.
        unsafe posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
    }

    /// Calls `body` with the strings as C has them, ended by a null.
    private static func withStrings<Result>(
        _ strings: [String],
        _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) throws -> Result
    ) rethrows -> Result {
        // SAFETY: strdup copies, and the copies are freed once `body` is done with them.
        let copies = unsafe strings.map { unsafe strdup($0) } + [nil]
        defer {
            // SAFETY: as above.
            unsafe copies.forEach { unsafe free($0) }
        }
        // SAFETY: the array outlives the call.
        return try unsafe body(copies)
    }
}
