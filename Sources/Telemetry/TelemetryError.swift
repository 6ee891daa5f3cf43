/// Why the telemetry database could not be used. Each case names the file.
public enum TelemetryError: Error, Equatable, Sendable {
    /// There is no database at the path.
    case missing(path: String)
    /// It cannot be created, opened or written; the reason in words.
    case unusable(path: String, reason: String)
    /// It fails its integrity check, or is not a database; the reason in words.
    case corrupt(path: String, reason: String)
    /// It is a database of another application.
    case foreign(path: String)
    /// Its schema is newer than this build knows.
    case newer(path: String, version: Int, known: Int)
    /// Another daemon writes to it.
    case inUse(path: String, pid: Int32)
    /// A statement failed; trying again later may succeed.
    case failed(path: String, reason: String)
}
