internal import ArgumentParser
internal import Syscalls

extension LogtailCommand {
    /// The names of all commands.
    static var commandNames: [String] {
        configuration.subcommands.compactMap { $0.configuration.commandName }
    }

    /// The failure of arguments that begin with a word which is neither a command nor a file; nil
    /// where they do not. Without an observer that is a misspelt command, not the path of a log
    /// that is still to come.
    static func unknownCommand(
        in arguments: ArraySlice<String> = CommandLine.arguments.dropFirst()
    ) -> CommandFailure? {
        let isRun = arguments.first == RunCommand.name
        guard let word = arguments.dropFirst(isRun ? 1 : 0).first,
            isRun || !commandNames.contains(word), !word.hasPrefix("-"),
            !word.contains(where: { "/.*?[".contains($0) }), Folder.realPath(word) == nil,
            !arguments.contains(where: { $0 == "--observer" || $0.hasPrefix("--observer=") })
        else { return nil }
        let names = commandNames.joined(separator: ", ")
        return CommandFailure(
            .usage, "unknown command or file '\(word)'; commands are \(names)")
    }
}
