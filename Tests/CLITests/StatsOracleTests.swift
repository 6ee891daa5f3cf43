import Foundation
import TestSupport
import Testing

/// Quantiles of real logs, compared with those that an independent script works out from the
/// values themselves.
@Suite struct StatsOracleTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../..").standardizedFileURL.path
    private static let fixtures = root + "/Tests/GoldenFixtures/"
    private static let python = ["/usr/bin/python3", "/usr/local/bin/python3"]
        .first { FileManager.default.isExecutableFile(atPath: $0) }

    private static let quantiles = ["p50": "p50_ms", "p90": "p90_ms", "p99": "p99_ms"]
        .merging(["p999": "p999_ms"]) { $1 }

    /// Every log there is, as `headroom/NAME`.
    private static let logs = ["headroom", "nginx"].flatMap { observer in
        ((try? FileManager.default.contentsOfDirectory(atPath: fixtures + observer)) ?? [])
            .filter { $0.hasSuffix(".log") || $0.hasSuffix(".log.gz") }
            .sorted().map { observer + "/" + $0 }
    }

    /// The zones that logs were written in, by name; those that are not listed tell their own.
    private static let zones: [String: String] = {
        let table = (try? String(contentsOfFile: fixtures + "headroom/zones.tsv", encoding: .utf8))
        let lines = (table ?? "").split(separator: "\n").map { $0.split(separator: "\t") }
        return Dictionary(uniqueKeysWithValues: lines.map { (String($0[0]), String($0[1])) })
    }()

    @Test func `there are logs of each kind`() {
        #expect(Self.logs.count >= 18)
        #expect(Self.zones.count >= 14)
    }

    @Test(.enabled(if: python != nil), arguments: logs)
    func `quantiles of any window are within 1 % of exact`(log: String) throws {
        let folder = try TemporaryFolder()
        let (path, observer) = (Self.fixtures + log, String(log.prefix { $0 != "/" }))
        let name = String(log.dropFirst(observer.count + 1))
            .replacing(/\.log(\.gz)?$/, with: "")
        let zone = Self.zones[name] ?? "UTC"
        let options: [String] = ["--observer", observer, "--timezone", zone]
        let run = try BuiltCommand.run(
            ["run", "--from-start", "--once", "--bus", "none", "--db", folder("t.sqlite"), path]
                + options)
        #expect(run.status == 0, "\(run.errors)")
        let all = try oracle(path, options)
        for window in [[]] + windows(all.minutes) {
            let exact = window.isEmpty ? all : try oracle(path, options + window)
            let found = try BuiltCommand.run(
                ["stats", "--json", "--db", folder("t.sqlite")] + window)
            var compared = Set<String>()
            for line in found.lines {
                let row = try object(line)
                let stage = try #require(row["stage"] as? String)
                // Of nginx the oracle works out the total only.
                guard observer == "headroom" || stage == "total" else { continue }
                compared.insert(stage)
                for (name, key) in Self.quantiles {
                    let expected = try #require(exact.quantiles[stage]?[name])
                    let value = try #require(row[key] as? Double)
                    #expect(
                        abs(value - expected) <= 0.01 * expected,
                        "\(stage) \(name) in \(window): \(value), not \(expected)")
                }
            }
            #expect(compared == Set(exact.quantiles.keys), "\(window)")
        }
    }

    /// From each of some minutes on, up to it, and it alone.
    private func windows(_ minutes: [String]) -> [[String]] {
        guard let last = minutes.last, minutes.count > 1 else { return [] }
        return [
            ["--since", last], ["--until", last], ["--since", minutes[0], "--until", minutes[1]],
        ]
    }

    private struct Exact {
        /// By stage and name.
        let quantiles: [String: [String: Double]]
        /// The minutes with something in them, in order.
        let minutes: [String]
    }

    private func oracle(_ path: String, _ options: [String]) throws -> Exact {
        let arguments = options.map {
            ["--since", "--until"].contains($0) ? $0 + "-minute" : $0
        }
        let result = try BuiltCommand.run(
            program: try #require(Self.python),
            [Self.root + "/Tests/Oracle/oracle.py", path] + arguments)
        let answer = try object(result.output)
        let latency = try #require(answer["latency"] as? [String: [String: Any]])
        return Exact(
            quantiles: try #require(answer["quantiles"] as? [String: [String: Double]]),
            minutes: (latency["total"] ?? [:]).keys.sorted())
    }

    private func object(_ text: String) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }
}
