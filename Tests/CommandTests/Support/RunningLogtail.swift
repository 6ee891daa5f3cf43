import Foundation
import TestSupport

/// A logtail that was started.
final class RunningLogtail {
    let process: ChildProcess
    private let output: String
    private let errors: String

    init(_ process: ChildProcess, output: String, errors: String) {
        self.process = process
        self.output = output
        self.errors = errors
    }

    /// What it wrote to standard output so far, line by line.
    var outputLines: [String] { Self.lines(of: output) }

    /// What it wrote to standard error so far.
    var errorLines: [String] { Self.lines(of: errors) }

    /// Lines of standard error that are not of the daemon's own log, which begin with a time.
    var complaints: [String] {
        errorLines.filter { !$0.contains(#/^\d{4}-\d\d-\d\dT[0-9:.]+Z [a-z]+ /#) }
    }

    /// Waits until every watch is armed.
    func ready() throws {
        try eventually("logtail is ready: \(errorLines)") {
            errorLines.contains { $0.contains("info following ") } || !process.isRunning
        }
    }

    /// How it ends.
    func exit(within limit: Duration = .seconds(20)) throws -> ChildProcess.Exit {
        do {
            return try process.waitForExit(within: limit)
        } catch let overdue as Overdue {
            throw Overdue(what: "\(overdue.what), having said \(errorLines)", limit: limit)
        }
    }

    /// Sends a signal and waits for the end.
    func stop(_ signal: Int32 = SIGTERM) throws -> ChildProcess.Exit {
        process.send(signal)
        return try exit()
    }

    private static func lines(of file: String) -> [String] {
        let text = (try? String(contentsOfFile: file, encoding: .utf8)) ?? ""
        return text.split(separator: "\n").map(String.init)
    }
}
