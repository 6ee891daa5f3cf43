internal import ArgumentParser
internal import LogTail
internal import Logging
internal import Observers
internal import Syscalls

/// How the daemon's own log looks.
enum LogFormat: String, ExpressibleByArgument, CaseIterable {
    /// A line for a person.
    case text
    /// A JSON object a line.
    case json
}

/// How much the daemon's own log tells.
enum LogLevel: String, ExpressibleByArgument, CaseIterable {
    case info, warning, error

    /// The level as swift-log names it.
    var level: Logger.Level {
        switch self {
        case .info: .info
        case .warning: .warning
        case .error: .error
        }
    }
}

/// Writes the daemon's own log to stderr, one line a message.
///
/// Under journald a line begins with its priority (sd-daemon(3)) and carries no time, since the
/// journal keeps its own.
struct DaemonLog: LogHandler {
    let format: LogFormat
    let isJournal: Bool
    private let outlet = DaemonLogOutlet()
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]

    init(format: LogFormat, level: Logger.Level) {
        self.format = format
        logLevel = level
        isJournal = StandardStream.error.isJournal
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        outlet.write(line(event.level, event.message.description)) { count in
            line(
                .warning,
                "standard error was not read, and \(count) "
                    + "\(Wording.plural("message", count)) before this one dropped")
        }
    }

    private func line(_ level: Logger.Level, _ message: String) -> String {
        let time = Timestamp(nanoseconds: Clock.wall).text
        switch format {
        case .text where isJournal:
            return "<\(level.priority)>\(message)"
        case .text:
            return "\(time) \(level) \(message)"
        case .json:
            var json = JSONWriter()
            json.object { json in
                json.field("ts", time)
                json.field("level", level.rawValue)
                json.field("message", message)
            }
            return json.text
        }
    }
}

extension Logger.Level {
    /// The priority of syslog(3).
    fileprivate var priority: Int {
        switch self {
        case .trace, .debug: 7
        case .info: 6
        case .notice: 5
        case .warning: 4
        case .error: 3
        case .critical: 2
        }
    }
}

extension Journal {
    /// A journal that writes through swift-log.
    init(_ logger: Logger) {
        self.init { level, message in
            switch level {
            case .info: logger.info("\(message)")
            case .warning: logger.warning("\(message)")
            case .error: logger.error("\(message)")
            }
        }
    }
}
