internal import ArgumentParser
internal import Foundation
internal import Telemetry

/// How much is kept; shared by the daemon and by `prune`.
struct RetentionOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Keep what was recorded in the last N days (default: 90; 0: no limit).",
            valueName: "n"))
    var keepDays: Amount?

    @Option(
        help: ArgumentHelp(
            "Keep the last N events (default: 1000000; 0: no limit).", valueName: "n"))
    var keepEvents: Count?

    @Option(
        help: ArgumentHelp(
            "Keep the database within N MiB on the disk (default: 512; 0: no limit).",
            valueName: "n"))
    var keepMib: Amount?

    /// The limits these options set, `base` where they say nothing.
    func limits(_ base: RetentionLimits) -> RetentionLimits {
        RetentionLimits(
            days: keepDays?.value ?? base.days,
            events: keepEvents.map { Int64($0.value) } ?? base.events,
            mebibytes: keepMib?.value ?? base.mebibytes)
    }
}

/// A number from zero on.
struct Amount: ExplainedArgument {
    static let accepted = "a number from 0 on"

    var value: Double

    init?(argument: String) {
        guard let value = Double(argument), value.isFinite, value >= 0 else { return nil }
        self.value = value
    }
}
