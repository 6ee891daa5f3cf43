/// What a daemon follows.
public struct DaemonConfiguration: Sendable {
    /// Paths that are followed alike.
    public struct TailSet: Sendable {
        /// Paths or globs; they need not exist yet.
        public var patterns: [String]
        /// How each of them is followed.
        public var tail: TailConfiguration

        /// A set of paths.
        public init(patterns: [String], tail: TailConfiguration) {
            self.patterns = patterns
            self.tail = tail
        }
    }

    /// The paths.
    public var tails: [TailSet]

    /// True: read all there is, close what is open, and end.
    public var once = false

    /// Rows of events in one batch at the most, give or take what one block of bytes brings; a
    /// full one is a few megabytes.
    public var batchRows = 4_096

    /// A configuration that follows those paths until it is stopped.
    public init(tails: [TailSet]) {
        self.tails = tails
    }
}

/// Why a daemon cannot start. After the start no single file stops it.
public enum StartError: Error, Sendable {
    /// A path that is to be read once does not exist.
    case missing(path: String)
    /// A path is not a file that can be followed.
    case notRegular(path: String, kind: String)
    /// A path is not UTF-8.
    case notUTF8(path: String)
    /// A file cannot be read.
    case unreadable(path: String, reason: String)
    /// The database cannot say where reading stood.
    case recorder(RecorderError)
    /// The machine refuses what following files takes.
    case system(String)
}

extension StartError: CustomStringConvertible {
    /// What was attempted, on which path, and why it failed.
    public var description: String {
        switch self {
        case .missing(let path): "unable to read \(path): no such file"
        case .notRegular(let path, let kind): "unable to follow \(path): it is a \(kind)"
        case .notUTF8(let path): "unable to follow \(path): its name is not UTF-8"
        case .unreadable(let path, let reason): "unable to read \(path): \(reason)"
        case .recorder(let error): error.description
        case .system(let reason): "unable to start: \(reason)"
        }
    }
}

/// The daemon's own log.
public struct Journal: Sendable {
    /// How much a message matters.
    public enum Level: Sendable {
        /// Of interest to whoever runs the daemon.
        case info
        /// Something does not work as it should, and goes on otherwise.
        case warning
        /// Something does not work.
        case error
    }

    /// Writes a message.
    public let write: @Sendable (Level, String) -> Void

    /// A journal that writes with `write`.
    public init(_ write: @escaping @Sendable (Level, String) -> Void) {
        self.write = write
    }

    /// A journal that keeps nothing.
    public static let silent = Journal { _, _ in }
}
