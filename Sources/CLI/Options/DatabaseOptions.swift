internal import ArgumentParser
internal import Syscalls

/// Which database a command uses.
struct DatabaseOptions: ParsableArguments {
    @Option(
        name: .customLong("db"),
        help: ArgumentHelp(
            "The telemetry database.",
            discussion: """
                Default: $LOGTAIL_DB, else $STATE_DIRECTORY/telemetry.sqlite, else \
                $XDG_STATE_HOME/logtail/telemetry.sqlite, else \
                ~/.local/state/logtail/telemetry.sqlite
                """,
            valueName: "path"))
    var database: String?

    /// The path that the option or the environment names.
    func path() throws -> String {
        if let database, !database.isEmpty { return database }
        func folder(_ variable: String) -> String? {
            Environment.value(variable).flatMap { $0.isEmpty ? nil : $0 }
        }
        if let path = folder("LOGTAIL_DB") { return path }
        // systemd names several folders with colons between; the first is the unit's own.
        if let state = folder("STATE_DIRECTORY")?.split(separator: ":").first {
            return state + "/telemetry.sqlite"
        }
        if let state = folder("XDG_STATE_HOME") { return state + "/logtail/telemetry.sqlite" }
        if let home = folder("HOME") { return home + "/.local/state/logtail/telemetry.sqlite" }
        throw CommandFailure(
            .usage, "unable to find the database: HOME is not set; name it with --db")
    }
}
