internal import ArgumentParser
internal import Bus
internal import Foundation
internal import LogTail
internal import Syscalls
internal import Telemetry

/// The program: one command, whose subcommands each have a file of their own.
@main
struct LogtailCommand: ParsableCommand {
    /// The version of this build.
    static let version = "0.1.0"

    static let configuration = CommandConfiguration(
        commandName: "logtail",
        abstract: "Follow a program's log and record when it was slow.",
        discussion: """
            Without a subcommand it runs the daemon:

              logtail --observer headroom --event log.overhead
            """,
        version: version,
        subcommands: [
            RunCommand.self, EventsCommand.self, StatsCommand.self, ReportCommand.self,
            StatusCommand.self, CheckCommand.self, ObserversCommand.self, PruneCommand.self,
        ],
        defaultSubcommand: RunCommand.self)

    static func main() {
        StandardStream.reserveNumbers()
        StandardStream.ignoreReaderSignal()
        do {
            var command = try daemonAsAskedFor() ?? parseAsRoot()
            try command.run()
        } catch let failure as CommandFailure {
            end(failure)
        } catch let code as ExitCode {
            Foundation.exit(code.rawValue)
        } catch let error as TelemetryError {
            end(CommandFailure(error))
        } catch let error as StartError {
            end(CommandFailure(error))
        } catch let error as BusError {
            end(CommandFailure(error))
        } catch let error as SystemCallError {
            end(CommandFailure(.failed, error.description))
        } catch  where exitCode(for: error) == .success {
            exit(withError: error)
        } catch {
            end(unknownCommand() ?? CommandFailure(.usage, refusal(error)))
        }
    }

    /// What the parser says, on one line, and where to read on.
    private static func refusal(_ error: any Error) -> String {
        // More than a few values that are accepted it lists on lines of their own.
        var text = message(for: error).replacing(":\n  - ", with: ": ")
            .replacing("\n  - ", with: ", ").split(whereSeparator: \.isNewline)
            .map { $0.trimmingPrefix(while: \.isWhitespace) }.joined(separator: " ")
        if text.hasSuffix(".") { text.removeLast() }
        let name = commandNames.first { $0 == CommandLine.arguments.dropFirst().first }
        let help = "'logtail \(name ?? RunCommand.name) --help'"
        return text + (text.hasSuffix("?") ? " See " : "; see ") + help
    }

    /// The daemon, where the arguments are its own for certain; nil where they mean something else
    /// or are wrong. The whole tree of commands would come to the same, with a fifth more work.
    private static func daemonAsAskedFor() -> (any ParsableCommand)? {
        var arguments = CommandLine.arguments.dropFirst()
        if arguments.first == RunCommand.name {
            arguments = arguments.dropFirst()
        } else if arguments.first?.hasPrefix("-") != true {
            return nil
        }
        return (try? RunCommand.parseAsRoot(Array(arguments))) as? RunCommand
    }

    private static func end(_ failure: CommandFailure) -> Never {
        Output.note(failure.message)
        Foundation.exit(failure.status.rawValue)
    }
}
