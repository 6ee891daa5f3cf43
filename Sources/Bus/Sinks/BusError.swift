internal import Syscalls
public import Telemetry

/// Why a sink could not be opened, or could not deliver.
public enum BusError: Error, Equatable, Sendable {
    /// The URL names no sink; the reason says what is accepted.
    case badURL(String, reason: String)
    /// Another server listens at the path.
    case inUse(path: String)
    /// The path is longer than the address of a socket can hold.
    case pathTooLong(path: String, limitBytes: Int)
    /// Something that the sink needs cannot be done; why and what to do, in words.
    case failed(verb: String, object: String, reason: String)
    /// Rows or positions could not be read or written.
    case database(TelemetryError)
    /// Nobody reads the other end of standard output any more; the sink is over.
    case readerGone(sink: String)

    /// True where trying again is of no use.
    public var isFinal: Bool {
        switch self {
        case .badURL, .inUse, .pathTooLong, .readerGone: true
        case .failed, .database: false
        }
    }
}

extension BusError {
    /// The failure of a system call on the way to do something.
    static func unable(to verb: String, _ object: String, _ error: SystemCallError) -> BusError {
        let advice =
            switch error.limit {
            case .space: "make room, or name another with --bus"
            case .files: "raise the limit of open files"
            case nil where error.isForbidden || error.isMissing:
                "let this user write there, or name another with --bus"
            case nil: "try again, or name another with --bus"
            }
        return .failed(
            verb: verb, object: object, reason: "\(error.call): \(error.reason); \(advice)")
    }

    /// The value of a query; its failure is the bus's.
    static func reporting<Value>(
        _ query: @autoclosure () throws(TelemetryError) -> Value
    ) throws(BusError) -> Value {
        do {
            return try query()
        } catch {
            throw .database(error)
        }
    }
}

extension BusError: CustomStringConvertible {
    /// One line for a person: what was attempted, on what, why it failed, and what to do.
    public var description: String {
        switch self {
        case .badURL(let url, let reason):
            "unable to use the bus \(url): \(reason)"
        case .inUse(let path):
            "unable to listen on \(path): another process does; "
                + "stop it, or name another socket with --bus unix:PATH"
        case .pathTooLong(let path, let limitBytes):
            "unable to listen on \(path): a socket's path has at most \(limitBytes) bytes, this "
                + "one has \(path.utf8.count); name a shorter one with --bus unix:PATH"
        case .failed(let verb, let object, let reason):
            "unable to \(verb) \(object): \(reason)"
        case .database(let error):
            "\(error)"
        case .readerGone(let sink):
            "unable to write to \(sink): nobody reads it any more; this bus is closed"
        }
    }
}
