import Foundation
import TestSupport
import Testing

/// Programs that tests need besides the one they are about.
enum Tool {
    struct Failure: Error {
        let command: [String]
        let exit: ChildProcess.Exit
        let said: String
    }

    /// What gzip writes to standard output.
    static func gzip(_ arguments: [String]) throws -> Data {
        try run(["gzip"] + arguments)
    }

    /// What a shell's script writes to standard output.
    static func shell(_ script: String) throws -> Data {
        try run(["sh", "-c", script])
    }

    /// Compares a database with what the independent script says about the logs it was fed from,
    /// in order of their generations. `options` are those of the daemon that matter to it.
    static func compare(
        _ database: String, with logs: [String], _ options: [String] = [],
        _ location: SourceLocation = #_sourceLocation
    ) throws {
        guard hasPython else {
            print("python3 is missing: \(database) is not compared with the oracle")
            return
        }
        let script = RealLog.root + "/Tests/Oracle/compare.py"
        do {
            _ = try run(["python3", script, database] + options + logs)
        } catch let failure as Failure {
            Issue.record("\(failure.said)", sourceLocation: location)
        }
    }

    private static let hasPython = (try? run(["python3", "--version"])) != nil

    private static func run(_ command: [String]) throws -> Data {
        let path = "/tmp/logtail-tool-\(UUID().uuidString)"
        let errors = path + ".errors"
        defer { for file in [path, errors] { try? FileManager.default.removeItem(atPath: file) } }
        let process = try ChildProcess(
            command, environment: ProcessInfo.processInfo.environment, output: path,
            errors: errors)
        let exit = try process.waitForExit(within: .seconds(60))
        let output = try Data(contentsOf: URL(fileURLWithPath: path))
        guard exit == .code(0) else {
            let said = try String(contentsOfFile: errors, encoding: .utf8)
            throw Failure(
                command: command, exit: exit,
                said: String(decoding: output.prefix(4_000), as: UTF8.self) + said)
        }
        return output
    }
}
