internal import ArgumentParser
internal import Syscalls

/// Asks the same question on another machine, through ssh.
struct RemoteOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Ask the logtail of another machine, through ssh.",
            discussion: """
                Paths and times are those of that machine, where logtail has to be on the PATH. \
                $LOGTAIL_SSH is the command to use, with options: ssh -p 2222.
                """,
            valueName: "[user@]host"))
    var host: String?

    /// Becomes the ssh that runs this command over there; returns where no host is named.
    func runThere() throws {
        let terminal = StandardStream.output.isTerminal ? Terminal.current : nil
        guard let words = try words(terminal) else { return }
        do {
            try ProgramImage.replace(with: words)
        } catch {
            throw Self.failure(words, error)
        }
    }

    /// What this command, with more arguments, answers over there, and the code it exits with;
    /// nil where no host is named.
    func answer(adding arguments: [String]) throws -> (text: String, status: Int32)? {
        guard let words = try words(nil, adding: arguments) else { return nil }
        do {
            let (text, end) = try ProgramOutput.collect(words)
            switch end {
            case .exited(let status): return (text, status)
            // As a shell tells it.
            case .killed(let signal): return (text, 128 + signal)
            }
        } catch {
            throw Self.failure(words, error)
        }
    }

    private func words(_ terminal: Terminal?, adding arguments: [String] = []) throws -> [String]? {
        guard let host else { return nil }
        return try RemoteCommand(
            host: host, ssh: Environment.value("LOGTAIL_SSH"),
            arguments: CommandLine.arguments.dropFirst() + arguments, terminal: terminal
        ).words
    }

    private static func failure(_ words: [String], _ error: SystemCallError) -> CommandFailure {
        let advice =
            error.isMissing
            ? "install openssh-client, or name another command in LOGTAIL_SSH"
            : "see what LOGTAIL_SSH names"
        return CommandFailure(
            .failed, "unable to run \(words[0]): \(error.reason); \(advice)")
    }
}

/// The command that runs logtail on another machine.
struct RemoteCommand {
    /// The local program and its arguments. The last one is what the other machine's shell reads.
    let words: [String]

    /// `ssh` is the command that connects, split at spaces; `arguments` those of this process, of
    /// which --host is left out; `terminal` the one that will show the answer, nil where it goes
    /// elsewhere.
    init(host: String, ssh: String?, arguments: [String], terminal: Terminal?) throws {
        // ssh takes what begins with a dash as an option, and some options run commands here.
        let name = host.split(separator: "@", omittingEmptySubsequences: false).last ?? ""
        guard !host.hasPrefix("-"), !name.hasPrefix("-"), !name.isEmpty,
            !host.contains(where: { $0.isWhitespace || $0.isNewline })
        else {
            throw CommandFailure(.usage, "unable to use --host '\(host)': it is no name of a host")
        }
        var connection = (ssh ?? "").split(separator: " ").map(String.init)
        if connection.isEmpty { connection = ["ssh"] }
        let query = Self.environment(terminal) + ["logtail"] + Self.withoutHost(arguments)
        words = connection + ["--", host, query.map(Self.quoted).joined(separator: " ")]
    }

    /// What the answer has to fit here, which cannot be seen from there.
    private static func environment(_ terminal: Terminal?) -> [String] {
        guard let terminal else { return [] }
        var settings = terminal.width.map { ["COLUMNS=\($0)"] } ?? []
        if terminal.isColoured { settings.append("CLICOLOR_FORCE=1") }
        if terminal.hasBlocks { settings += ["TERM=xterm", "LC_ALL=C.UTF-8"] }
        return settings.isEmpty ? [] : ["env"] + settings
    }

    /// No other option of the commands that take --host has a value that may begin with a dash
    /// and is a text: what reads `--host` is the option.
    private static func withoutHost(_ arguments: [String]) -> [String] {
        var kept: [String] = []
        var skipsNext = false
        for argument in arguments {
            if skipsNext {
                skipsNext = false
            } else if argument == "--host" {
                skipsNext = true
            } else if !argument.hasPrefix("--host=") {
                kept.append(argument)
            }
        }
        return kept
    }

    /// One word for a shell of the Bourne family, whatever is in it.
    static func quoted(_ word: String) -> String {
        let isPlain =
            // A shell may look up a word that begins with a sign of equality as a command.
            !word.isEmpty && word.first != "="
            && word.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"):
                    true
                default: "-_./:@,+=".utf8.contains(byte)
                }
            }
        return isPlain ? word : "'" + word.replacing("'", with: #"'\''"#) + "'"
    }
}
