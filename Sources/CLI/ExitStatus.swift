internal import Bus
internal import LogTail
internal import Telemetry

/// The exit codes that a supervisor or a script can rely on; those from 64 on are sysexits.h's.
enum ExitStatus: Int32 {
    /// A failure after which a supervisor should start the daemon again.
    case failed = 1
    /// The answer is incomplete: rows were pruned.
    case incomplete = 3
    /// Wrong usage, or a bad value of an option.
    case usage = 64
    /// Bad data: a corrupt or foreign database.
    case data = 65
    /// An input is missing, cannot be read, or was rotated away.
    case noInput = 66
    /// A database or socket cannot be created, opened or written.
    case cannotCreate = 73
    /// The database is in use by another daemon.
    case inUse = 75
}

/// Why a command ends early: one line that says what, which path, why and what to do.
struct CommandFailure: Error {
    /// The code the process exits with.
    let status: ExitStatus
    /// The line, without the program's name.
    let message: String

    init(_ status: ExitStatus, _ message: String) {
        self.status = status
        self.message = message
    }
}

extension CommandFailure {
    /// The failure of a command that could not use its database.
    init(_ error: TelemetryError) {
        let status: ExitStatus =
            switch error {
            case .missing: .noInput
            case .notRegular, .unusable: .cannotCreate
            case .corrupt, .foreign, .newer: .data
            case .inUse: .inUse
            case .full, .failed: .failed
            }
        self.init(status, error.description)
    }

    /// The failure of a daemon that could not open its bus.
    init(_ error: BusError) {
        let status: ExitStatus =
            switch error {
            case .badURL: .usage
            case .inUse, .pathTooLong, .failed: .cannotCreate
            case .database(let error): CommandFailure(error).status
            case .readerGone: .failed
            }
        self.init(status, error.description)
    }

    /// The failure of a daemon that could not start.
    init(_ error: StartError) {
        switch error {
        case .missing:
            self.init(
                .noInput, "\(error); name an existing one, or leave out --once to wait for it")
        case .notRegular:
            self.init(
                .noInput, "\(error); name a log file, or quote a glob for the files in a folder")
        case .notUTF8:
            self.init(.noInput, "\(error); rename it, or name a symlink to it")
        case .unreadable:
            self.init(
                .noInput,
                "\(error); let this user read it, for example through the group that owns it")
        case .recorder(let reason):
            self.init(reason.isDamage ? .data : .failed, error.description)
        case .system:
            self.init(.failed, error.description)
        }
    }
}
