import Foundation
import TestSupport

/// The program as it was built, run as a user runs it.
enum BuiltCommand {
    /// What a run left behind.
    struct Result {
        let output: String
        let errors: String
        let status: Int32

        var lines: [String] { output.split(separator: "\n").map(String.init) }
    }

    /// The program beside the test bundle.
    static let path = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        .deletingLastPathComponent().appendingPathComponent("logtail").path

    /// Runs it to its end with nothing but `environment`, HOME and PATH set.
    static func run(
        _ arguments: [String], environment: [String: String] = [:]
    ) throws -> Result {
        try run(program: path, arguments, environment: environment)
    }

    /// Runs another program in the same way.
    static func run(
        program: String, _ arguments: [String], environment: [String: String] = [:]
    ) throws -> Result {
        let own = ProcessInfo.processInfo.environment
        var variables = ["HOME": "/nowhere", "TZ": "UTC"]
        for name in ["PATH", "LD_LIBRARY_PATH"] { variables[name] = own[name] }
        let folder = try TemporaryFolder()
        let process = try ChildProcess(
            [program] + arguments, environment: variables.merging(environment) { $1 },
            output: folder("output"), errors: folder("errors"))
        guard case .code(let status) = try process.waitForExit(within: .seconds(120)) else {
            throw EndedBySignal(program: program)
        }
        return Result(
            output: try String(contentsOfFile: folder("output"), encoding: .utf8),
            errors: try String(contentsOfFile: folder("errors"), encoding: .utf8), status: status)
    }

    struct EndedBySignal: Error {
        let program: String
    }
}
