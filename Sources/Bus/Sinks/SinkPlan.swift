internal import Syscalls

/// A sink that can be opened: what a bus URL means.
///
/// A new kind of sink is one file with a function like ``StdoutSink/plan(_:)`` and one line in
/// ``kinds``.
public struct SinkPlan: Sendable {
    /// The URL in full, under which the sink's position is kept.
    public let name: String

    /// Opens the sink, on the thread that it will live on.
    public let open: @Sendable (SinkOpening) throws(BusError) -> any Sink

    /// A plan for the sink of that name.
    public init(
        name: String, open: @escaping @Sendable (SinkOpening) throws(BusError) -> any Sink
    ) {
        self.name = name
        self.open = open
    }

    private static let kinds: [Kind] = [
        Kind(scheme: "unix", form: "unix:PATH", plan: UnixSocketSink.plan),
        Kind(scheme: "stdout", form: "stdout:", plan: StdoutSink.plan),
        Kind(scheme: "file", form: "file:PATH?OPTIONS", plan: ArchiveFileSink.plan),
    ]

    private struct Kind: Sendable {
        let scheme: String
        let form: String
        let plan: @Sendable (BusLocation) throws(BusError) -> SinkPlan
    }

    /// The sinks of `--bus`, in its order: the unix socket at its default path where no URL is
    /// given, none at all for `none`.
    public static func plans(
        _ urls: [String], _ surroundings: BusSurroundings
    ) throws(BusError) -> [SinkPlan] {
        var plans: [SinkPlan] = []
        for url in urls.isEmpty ? ["unix:"] : urls {
            guard let plan = try make(url: url, surroundings) else {
                guard urls.count == 1 else {
                    throw .badURL(url, reason: "none stands alone; leave out the other --bus")
                }
                return []
            }
            guard !plans.contains(where: { $0.name == plan.name }) else {
                throw .badURL(url, reason: "it is named twice; leave out one of the two")
            }
            plans.append(plan)
        }
        return plans
    }

    /// The sink of one URL; nil for `none`.
    public static func make(
        url: String, _ surroundings: BusSurroundings
    ) throws(BusError) -> SinkPlan? {
        if url == "none" { return nil }
        let parts = url.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let kind = kinds.first(where: { $0.scheme == parts[0] }) else {
            throw .badURL(url, reason: "it is none of \(accepted)")
        }
        return try kind.plan(
            BusLocation(url: url, rest: String(parts[1]), surroundings: surroundings))
    }

    /// The forms of URL that are accepted, for a message.
    private static var accepted: String {
        (kinds.map(\.form) + ["none"]).joined(separator: ", ")
    }
}

/// A bus URL on its way to become a plan.
public struct BusLocation: Sendable {
    /// The URL as given.
    public let url: String
    /// What follows the scheme's colon.
    public let rest: String
    /// What relative and default places are found from.
    public let surroundings: BusSurroundings
}

/// What relative and default places of a bus are found from.
public struct BusSurroundings: Sendable {
    /// The variables of the process.
    public var environment: [String: String]
    /// The database's path.
    public var database: String

    /// The surroundings of a daemon with that environment and database.
    public init(environment: [String: String], database: String) {
        self.environment = environment
        self.database = database
    }

    /// The default path of the unix socket: `$RUNTIME_DIRECTORY/bus.sock`, else
    /// `$XDG_RUNTIME_DIR/logtail/bus.sock`, else `bus.sock` beside the database.
    public var socketPath: String {
        // systemd separates several runtime folders with colons; the first is the main one.
        if let folder = environment["RUNTIME_DIRECTORY"]?.split(separator: ":").first {
            return "\(folder)/bus.sock"
        }
        if let folder = environment["XDG_RUNTIME_DIR"], folder.hasPrefix("/") {
            return "\(folder)/logtail/bus.sock"
        }
        return "\(Folder.parent(of: database))/bus.sock"
    }
}
