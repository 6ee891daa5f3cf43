import Foundation
import TestSupport
import Testing

/// logrotate turns a log over every second for a minute, while 20,000 lines a second are written
/// to it: once for each of its modes, all at the same time.
@Suite(.workspaces, .serialized)
struct LogrotateTests {
    private static let environment = ProcessInfo.processInfo.environment

    /// How long it goes on at least; `LOGTAIL_MINUTES` asks for more.
    private static let length = Duration.seconds(
        60 * (environment["LOGTAIL_MINUTES"].flatMap(Double.init) ?? 1))

    /// How often a daemon is killed; `LOGTAIL_KILLS` asks for more.
    private static let kills = environment["LOGTAIL_KILLS"].flatMap { Int($0) } ?? 100

    @Test(.enabled(if: RotatedFlood.isPossible, "logrotate is missing"))
    func `a minute of rotations loses and doubles nothing in any mode`() throws {
        try Self.run(for: Self.length, killEvery: nil)
    }

    @Test(.enabled(if: RotatedFlood.isPossible, "logrotate is missing"))
    func `kills at random moments among rotations lose and double nothing`() throws {
        try Self.run(for: .zero, killEvery: .milliseconds(700), kills: Self.kills)
    }

    /// Runs a flood of each mode, at least so long and until the daemons were killed so often.
    private static func run(
        for length: Duration, killEvery interval: Duration?, kills: Int = 0
    ) throws {
        var generator = SeededGenerator()
        let floods = try RotatedFlood.Mode.allCases.map { mode in
            try RotatedFlood(
                mode, killEvery: interval, SeededGenerator(fixed: generator.next()))
        }
        let start = ContinuousClock.now
        var elapsed = Duration.zero
        while elapsed < length || floods.reduce(0, { $0 + $1.kills }) < kills {
            elapsed = ContinuousClock.now - start
            for flood in floods { try flood.run(upTo: elapsed) }
            // A pause between two blocks of lines.
            usleep(5_000)
        }
        for flood in floods { try flood.finish() }
        for flood in floods { try flood.check() }
    }
}
