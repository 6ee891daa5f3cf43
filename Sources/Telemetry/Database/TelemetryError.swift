/// Why the telemetry database could not be used. Each case names the file.
public enum TelemetryError: Error, Equatable, Sendable {
    /// There is no database at the path.
    case missing(path: String)
    /// It is no file but a folder or a device; the kind in words.
    case notRegular(path: String, kind: String)
    /// It cannot be created, opened or written; the reason in words.
    case unusable(path: String, reason: String)
    /// It fails its integrity check, or is not a database; the reason in words.
    case corrupt(path: String, reason: String)
    /// It is a database of another application.
    case foreign(path: String)
    /// Its schema is newer than this build knows.
    case newer(path: String, version: Int, known: Int)
    /// Another daemon writes to it; the process id is 0 where it is not known.
    case inUse(path: String, pid: Int32)
    /// There is no room on its disk.
    case full(path: String)
    /// A statement failed; trying again later may succeed.
    case failed(path: String, reason: String)
}

extension TelemetryError {
    /// True where the database holds something that cannot be understood.
    var isDamage: Bool {
        if case .corrupt = self { return true }
        return false
    }
}

extension TelemetryError: CustomStringConvertible {
    /// One line for a person: what was attempted, on which file, why it failed, what to do.
    public var description: String {
        switch self {
        case .missing(let path):
            "unable to read the database \(path): there is none; "
                + "start the daemon first, or name another with --db"
        case .notRegular(let path, let kind):
            "unable to use the database \(path): it is a \(kind); name a file with --db"
        case .unusable(let path, let reason):
            "unable to use the database \(path): \(reason); "
                + "name another with --db, or let this user write to it and its folder"
        case .corrupt(let path, let reason):
            "unable to use the database \(path): it is damaged or no database (\(reason)); "
                + "name another with --db, or move it away and save what "
                + "\"sqlite3 \(path) .recover\" can read"
        case .foreign(let path):
            "unable to use the database \(path): it belongs to another application; "
                + "name another with --db"
        case .newer(let path, let version, let known):
            "unable to use the database \(path): its schema is version \(version) and this "
                + "logtail knows \(known); use the newer logtail, or name another with --db"
        case .inUse(let path, let pid):
            "unable to use the database \(path): \(Self.process(pid)) records into it; "
                + "stop that one, or name another with --db"
        case .full(let path):
            "unable to use the database \(path): its disk is full; make room there"
        case .failed(let path, let reason):
            "unable to use the database \(path): \(reason); try again"
        }
    }

    private static func process(_ pid: Int32) -> String {
        pid > 0 ? "the daemon with process id \(pid)" : "another daemon"
    }
}
