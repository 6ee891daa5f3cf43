internal import ArgumentParser
internal import Foundation
internal import LogTail
internal import Observers

/// How a log is read and judged: the options of `run` that hold for one tail.
struct TailOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Whose log it is; see 'logtail observers'.", valueName: "name"))
    var observer: String?

    @Option(help: ArgumentHelp("Publish events under this name.", valueName: "name"))
    var event = "log.overhead"

    @Option(
        help: ArgumentHelp(
            "Telemetry source and bus producer (default: the observer's).", valueName: "name"))
    var source: String?

    @Option(
        help: ArgumentHelp(
            "Latencies from here on are degraded (default: the observer's).", valueName: "n"))
    var thresholdMs: Milliseconds?

    @Option(
        help: ArgumentHelp(
            "Latencies from here on are stalls (default: 4 times the threshold).",
            valueName: "n"))
    var stallMs: Milliseconds?

    @Option(
        help: ArgumentHelp(
            "A gap of event time longer than this splits episodes (default: the observer's).",
            valueName: "n"))
    var quietMs: Milliseconds?

    @Option(
        help: ArgumentHelp(
            "How late after what it reports a line may be written and still join its episode "
                + "(default: the observer's).", valueName: "n"))
    var latenessMs: MillisecondsOrZero?

    @Option(
        help: ArgumentHelp(
            "An episode that spans this long is closed and continued.", valueName: "n"))
    var maxEpisodeMs = Milliseconds(value: Double(TailConfiguration.standardSpan))

    @Flag(help: "Read a file that was never read from its first byte, rotated siblings too.")
    var fromStart = false

    @Option(
        help: ArgumentHelp(
            "Zone of timestamps that carry none, for example Europe/Berlin (default: the "
                + "system's).", valueName: "zone"))
    var timezone: ZoneName?

    @Option(
        help: ArgumentHelp("Skip lines that are longer, and say so.", valueName: "n"))
    var maxLineBytes = PositiveCount(value: TailConfiguration.standardLineBytes)

    @Option(
        help: ArgumentHelp(
            "Follow a renamed file this long after its successor appeared.", valueName: "n"))
    var rotateWaitMs = MillisecondsOrZero(
        value: Double(TailConfiguration.standardRotateWait))

    @Option(
        help: ArgumentHelp(
            "Folder of the rotated siblings (default: the file's own).", valueName: "dir"))
    var archives: String?

    @Option(
        help: ArgumentHelp(
            "Look for changes at this interval too (default: only where the file system cannot "
                + "notify).", valueName: "ms"))
    var poll: Milliseconds?

    /// Gaps below this would split what one stall held up, since lines are not written faster.
    private static let leastQuiet = 50.0

    /// The configuration these options ask for; `warn` is told of values that were changed.
    func configuration(warn: (String) -> Void) throws -> TailConfiguration {
        guard let name = observer else {
            throw LogtailCommand.unknownCommand()
                ?? CommandFailure(
                    .usage, "--observer is missing: name one of \(ObserverRegistry.names)")
        }
        let observer = try ObserverRegistry.required(name)
        var tail = TailConfiguration(
            observer: observer, event: event, zone: timezone?.zone ?? .system)
        tail.source = source ?? tail.source
        let threshold = thresholdMs?.value ?? tail.thresholds.degraded
        tail.thresholds = Thresholds(degraded: threshold, stall: stallMs?.value)
        guard tail.thresholds.stall >= threshold else {
            throw CommandFailure(
                .usage,
                "--stall-ms \(Wording.number(tail.thresholds.stall)) is below the threshold of "
                    + "\(Wording.number(threshold)) ms; raise it, or lower --threshold-ms")
        }
        tail.episodes = try episodes(observer.descriptor, warn)
        tail.fromStart = fromStart
        tail.maximumLineBytes = maxLineBytes.value
        tail.rotateWait = rotateWaitMs.nanoseconds
        tail.archives = archives
        tail.pollInterval = poll?.nanoseconds
        return tail
    }

    private func episodes(
        _ descriptor: ObserverDescriptor, _ warn: (String) -> Void
    ) throws -> EpisodeRules {
        var quiet = quietMs?.value ?? Double(descriptor.quietMilliseconds)
        if quiet < Self.leastQuiet {
            let least = Wording.number(Self.leastQuiet)
            warn(
                "--quiet-ms \(Wording.number(quiet)) is raised to \(least), since lines are not "
                    + "written faster; name \(least) or more")
            quiet = Self.leastQuiet
        }
        return EpisodeRules(
            quietMilliseconds: Int64(saturating: quiet),
            latenessMilliseconds: Int64(
                saturating: latenessMs?.value ?? Double(descriptor.latenessMilliseconds)),
            maximumSpanMilliseconds: Int64(saturating: maxEpisodeMs.value))
    }
}

/// A number of milliseconds as an argument.
protocol MillisecondsArgument: ExplainedArgument {
    var value: Double { get }
    init(value: Double)

    /// Whether a finite number can be meant.
    static func admits(_ value: Double) -> Bool
}

extension MillisecondsArgument {
    var nanoseconds: Int64 { Int64(saturating: value * 1e6) }

    var defaultValueDescription: String { Wording.number(value) }

    init?(argument: String) {
        guard let value = Double(argument), value.isFinite, Self.admits(value) else { return nil }
        self.init(value: value)
    }
}

/// A number of milliseconds above zero.
struct Milliseconds: MillisecondsArgument {
    static let accepted = "a number above 0"

    var value: Double

    static func admits(_ value: Double) -> Bool { value > 0 }
}

/// A number of milliseconds, zero included.
struct MillisecondsOrZero: MillisecondsArgument {
    static let accepted = "a number from 0 on"

    var value: Double

    static func admits(_ value: Double) -> Bool { value >= 0 }
}

/// A whole number above zero.
struct PositiveCount: ExplainedArgument {
    static let accepted = "a whole number above 0"

    var value: Int

    var defaultValueDescription: String { String(value) }

    init(value: Int) {
        self.value = value
    }

    init?(argument: String) {
        guard let value = Int(argument), value > 0 else { return nil }
        self.value = value
    }
}

/// The name of a time zone that this machine knows.
struct ZoneName: ExplainedArgument {
    static let accepted = "a time zone that this machine knows, as Europe/Berlin or UTC"

    let zone: Zone

    init?(argument: String) {
        guard let zone = TimeZone(identifier: argument) else { return nil }
        self.zone = Zone(zone)
    }
}
