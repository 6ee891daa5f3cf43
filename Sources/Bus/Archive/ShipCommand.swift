public import Syscalls

/// Ships each archive with a shell command, which gets the archive's path as its last argument.
///
/// `ship=scp -q -B` runs `scp -q -B PATH`. The path is handed over as an argument and never read
/// by the shell. Exit status 0 means that the archive has arrived.
public struct ShipCommand: Shipper {
    private let command: String

    /// A shipper that runs a shell command.
    public init(_ command: String) {
        self.command = command
    }

    /// Starts the command.
    public func begin(archive: String) throws(SystemCallError) -> any Shipment {
        Run(try ChildProcess(shellScript: "\(command) \"$@\"", argument: archive))
    }

    private final class Run: Shipment {
        private let process: ChildProcess

        init(_ process: ChildProcess) {
            self.process = process
        }

        var number: Int32 { process.number }

        var outcome: ShipmentOutcome? {
            switch process.poll() {
            case nil: nil
            case .exited(0): .shipped
            case .some(let end): .failed("\(end)")
            }
        }

        func cancel() {
            process.kill()
        }
    }
}
