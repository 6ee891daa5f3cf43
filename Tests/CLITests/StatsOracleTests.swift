import Foundation
import TestSupport
import Testing

/// Quantiles of real logs, compared with those that an independent script works out from the
/// values themselves.
@Suite struct StatsOracleTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../..").standardizedFileURL.path
    private static let python = ["/usr/bin/python3", "/usr/local/bin/python3"]
        .first { FileManager.default.isExecutableFile(atPath: $0) }

    private static let quantiles = ["p50": "p50_ms", "p90": "p90_ms", "p99": "p99_ms"]
        .merging(["p999": "p999_ms"]) { $1 }

    /// Logs that reach over two minutes, the first two of each.
    @Test(
        .enabled(if: python != nil),
        arguments: [
            ("proxy-8787.log.1.headroom-0.42.0.cont.log.gz", "UTC", "2026-11-21T01:38Z"),
            ("proxy.headroom-0.37.0.cont.log.gz", "America/Noronha", "2026-11-21T01:59Z"),
            ("proxy.headroom-0.6.7.cont.log.gz", "America/New_York", "2026-11-21T01:35Z"),
        ])
    func `quantiles of any window are within 1 % of exact`(
        log: String, zone: String, border: String
    ) throws {
        let folder = try TemporaryFolder()
        let path = Self.root + "/Tests/GoldenFixtures/headroom/" + log
        let run = try BuiltCommand.run([
            "run", "--observer", "headroom", "--from-start", "--once", "--bus", "none",
            "--timezone", zone, "--db", folder("t.sqlite"), path,
        ])
        #expect(run.status == 0, "\(run.errors)")
        for window in [[], ["--since", border], ["--until", border]] {
            let exact = try oracle(path, zone, window)
            #expect(exact.count >= 5)
            let found = try BuiltCommand.run(
                ["stats", "--json", "--db", folder("t.sqlite")] + window)
            #expect(found.lines.count == exact.count)
            for line in found.lines {
                let row = try object(line)
                let stage = try #require(row["stage"] as? String)
                for (name, key) in Self.quantiles {
                    let expected = try #require(exact[stage]?[name])
                    let value = try #require(row[key] as? Double)
                    #expect(
                        abs(value - expected) <= 0.01 * expected,
                        "\(stage) \(name) in \(window): \(value), not \(expected)")
                }
            }
        }
    }

    private func oracle(
        _ path: String, _ zone: String, _ window: [String]
    ) throws -> [String: [String: Double]] {
        let options = window.map { $0.hasPrefix("--") ? $0 + "-minute" : $0 }
        let result = try BuiltCommand.run(
            program: try #require(Self.python),
            [Self.root + "/Tests/Oracle/oracle.py", path, "--timezone", zone] + options)
        return try #require(try object(result.output)["quantiles"] as? [String: [String: Double]])
    }

    private func object(_ text: String) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }
}
