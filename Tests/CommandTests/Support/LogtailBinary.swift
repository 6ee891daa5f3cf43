import Foundation
import TestSupport

/// The program as it was built, to be run as users run it.
enum LogtailBinary {
    /// `LOGTAIL_BINARY`, or the program beside the test bundle.
    static let path: String = {
        if let path = ProcessInfo.processInfo.environment["LOGTAIL_BINARY"] { return path }
        let bundle = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        return bundle.deletingLastPathComponent().appendingPathComponent("logtail").path
    }()

    /// Starts it with `arguments`. `wrapper` is a command that runs the command after it, such as
    /// `setpriv`; `environment` is added to that of the workspace.
    static func start(
        _ arguments: [String], in workspace: Workspace, environment: [String: String] = [:],
        wrapper: [String] = [], output: String? = nil
    ) throws -> RunningLogtail {
        let errors = workspace.newPath("stderr")
        let output = output ?? workspace.newPath("stdout")
        let process = try ChildProcess(
            wrapper + [path] + arguments,
            environment: workspace.environment.merging(environment) { $1 }, output: output,
            errors: errors)
        return RunningLogtail(process, output: output, errors: errors)
    }

    /// Runs it to its end.
    static func run(
        _ arguments: [String], in workspace: Workspace, environment: [String: String] = [:],
        wrapper: [String] = []
    ) throws -> RunningLogtail {
        let running = try start(
            arguments, in: workspace, environment: environment, wrapper: wrapper)
        _ = try running.exit()
        return running
    }

    /// A wrapper that takes away root's right to pass over file permissions, where the tests run
    /// as root.
    static let bound =
        geteuid() == 0
        ? ["setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-all"] : []
}
