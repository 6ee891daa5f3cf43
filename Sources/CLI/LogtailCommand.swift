internal import ArgumentParser
internal import Foundation

/// The program: one command, whose subcommands each have a file of their own.
@main
struct LogtailCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logtail",
        abstract: "Follow a program's log and record when it was slow.",
        discussion: """
            Without a subcommand it runs the daemon:

              logtail --observer headroom --event log.overhead
            """,
        version: "0.1.0",
        subcommands: [RunCommand.self],
        defaultSubcommand: RunCommand.self)

    static func main() {
        do {
            var command = try parseAsRoot()
            try command.run()
        } catch let failure as CommandFailure {
            FileHandle.standardError.write(Data("logtail: \(failure.message)\n".utf8))
            Foundation.exit(failure.status.rawValue)
        } catch {
            exit(withError: error)
        }
    }
}
