internal import Glibc

/// What a test waited for did not come to pass.
public struct Overdue: Error, CustomStringConvertible {
    /// What was waited for.
    public let what: String
    /// How long.
    public let limit: Duration

    /// Says what did not happen within which limit.
    public init(what: String, limit: Duration) {
        self.what = what
        self.limit = limit
    }

    /// In words: `not within 20.0 seconds: the process ends`.
    public var description: String { "not within \(limit): \(what)" }
}

/// Waits until a condition holds; `what` says what is waited for. A condition that throws does
/// not hold yet: a file or a table may be still to come.
public func eventually(
    _ what: @autoclosure () -> String, within limit: Duration = .seconds(20),
    _ condition: () throws -> Bool
) throws {
    let deadline = ContinuousClock.now + limit
    var pause: UInt32 = 500
    while true {
        if let holds = try? condition(), holds { return }
        guard ContinuousClock.now < deadline else { throw Overdue(what: what(), limit: limit) }
        // A pause between two looks.
        usleep(pause)
        pause = min(2 * pause, 20_000)
    }
}
