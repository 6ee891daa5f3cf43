public import ArgumentParser
public import Bus
internal import Foundation
internal import LogTail
internal import Logging
internal import Observers
internal import Syscalls
internal import Telemetry

/// The daemon: follow files, observe, coalesce, record, publish, checkpoint.
struct RunCommand: ParsableCommand {
    /// What the command is called.
    static let name = "run"

    static let configuration = CommandConfiguration(
        commandName: name,
        abstract: "Follow logs and record stalls (the default).")

    @Argument(
        help: ArgumentHelp(
            "Files or quoted globs; they may not exist yet (default: where the observer's program "
                + "usually writes).", valueName: "path"))
    var paths: [String] = []

    @OptionGroup var tail: TailOptions
    @OptionGroup var databaseOptions: DatabaseOptions
    @OptionGroup var retention: RetentionOptions

    @Flag(help: "Read all there is, close the open episode, publish, and exit.")
    var once = false

    @Option(
        help: ArgumentHelp(
            "With --once, how long to wait until everything is published.", valueName: "n"))
    var drainTimeoutMs = MillisecondsOrZero(value: 5_000)

    @Option(help: "What goes to the bus: episodes and notices, or every breach too.")
    var publish = Publication.episodes

    @Option(
        help: ArgumentHelp(
            """
            Where to publish, more than once for several: unix:PATH, file:PATH?OPTIONS, stdout: \
            or none.
            """,
            valueName: "url"))
    var bus: [String] = []

    @Option(help: "How much the daemon's own log tells.")
    var logLevel = LogLevel.info

    @Option(help: "How the daemon's own log looks.")
    var logFormat = LogFormat.text

    func run() throws {
        let logger = Logger(label: "logtail") { [logFormat, logLevel] _ in
            DaemonLog(format: logFormat, level: logLevel.level)
        }
        let configuration = try daemonConfiguration { logger.warning("\($0)") }
        let path = try databaseOptions.path()
        let plans = try SinkPlan.plans(
            bus,
            BusSurroundings(environment: ProcessInfo.processInfo.environment, database: path))
        let store = try TelemetryStore(path: path)
        let upkeep = try RetentionUpkeep(
            store, retention.limits(.standard), sinks: plans.map(\.name),
            warn: { logger.warning("\($0)") })
        // The daemon takes the process's signals before a sink starts a thread.
        let daemon = try Daemon(
            configuration, recorder: store, upkeep: upkeep, journal: Journal(logger))
        let sinks = try Sinks(plans, store, publish, logger)
        let end = try follow(daemon, sinks)
        let isRecorded = daemon.stop()
        sinks.stop(after: drainTime(end), daemon.signals)
        try store.close()
        if let failure = Self.failure(end, isRecorded: isRecorded, store.path) { throw failure }
    }

    /// How long the sinks have for what is committed.
    private func drainTime(_ end: Daemon.End) -> Duration {
        switch end {
        case .finished, .incomplete: .nanoseconds(drainTimeoutMs.nanoseconds)
        case .stopped, .displaced: Sinks.stopGrace
        }
    }

    private static func failure(
        _ end: Daemon.End, isRecorded: Bool, _ database: String
    ) -> CommandFailure? {
        switch end {
        case .displaced:
            CommandFailure(
                .failed,
                "the database \(database) was moved, deleted or replaced while it was recorded "
                    + "into, and nobody would find what comes; start logtail again, and stop it "
                    + "first the next time")
        case .finished where !isRecorded, .incomplete where !isRecorded:
            CommandFailure(
                .failed, "unable to record the end of what was read in \(database); run it again")
        case .incomplete(let path, let reason):
            CommandFailure(
                .noInput,
                "unable to read all of \(path): \(reason); run it again once it can be read")
        case .finished, .stopped: nil
        }
    }

    private func follow(_ daemon: Daemon, _ sinks: Sinks) throws -> Daemon.End {
        do {
            try daemon.start()
            ProgramImage.releaseStartPages()
        } catch {
            sinks.stop(after: .zero, daemon.signals)
            throw error
        }
        while true {
            if let end = try daemon.turn() { return end }
        }
    }

    private func daemonConfiguration(_ warn: (String) -> Void) throws -> DaemonConfiguration {
        let tail = try tail.configuration(warn: warn)
        let usual = tail.observer.descriptor.usualPaths(ProcessInfo.processInfo.environment)
        guard !paths.isEmpty || !usual.isEmpty else {
            throw CommandFailure(.usage, "no path is named and HOME is not set; name a file")
        }
        let patterns = paths.isEmpty ? (once ? Self.present(usual) : usual) : paths
        var configuration = DaemonConfiguration(tails: [.init(patterns: patterns, tail: tail)])
        configuration.once = once
        configuration.batchRows = retention.limits(.standard).batchRows
        return configuration
    }

    /// Those of the usual paths that are there, since no version of a program writes all of them;
    /// all of them where none is.
    private static func present(_ usual: [String]) -> [String] {
        let present = usual.filter { path in
            let names = (try? Folder.names(in: Folder.parent(of: path))) ?? nil
            return names?.contains { Folder.matches($0, pattern: Folder.name(of: path)) } ?? false
        }
        return present.isEmpty ? usual : present
    }
}

extension Publication: ExpressibleByArgument {}
