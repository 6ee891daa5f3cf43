internal import ArgumentParser
internal import LogTail
internal import Observers
internal import Syscalls

/// Reads logs with an observer and records nothing: does it understand them?
struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Read logs with an observer and record nothing.",
        discussion: """
            Exits with 1 where a line with the observer's marker does not parse, and shows the \
            first few of them. Compressed logs are read too.
            """)

    @Option(help: ArgumentHelp("Whose log it is; see 'logtail observers'.", valueName: "name"))
    var observer: String

    @Option(
        help: ArgumentHelp(
            "Zone of timestamps that carry none (default: the system's).", valueName: "zone"))
    var timezone: ZoneName?

    @Flag(help: "One JSON object a line for each file.")
    var json = false

    // Every command takes --db; this one has no use for it.
    @OptionGroup(visibility: .hidden) var databaseOptions: DatabaseOptions

    @Argument(help: ArgumentHelp("Log files.", valueName: "file"))
    var files: [String]

    /// Unparsed lines that are shown of each file: enough to see a pattern.
    private static let shownLines = 5

    func run() throws {
        let observer = try ObserverRegistry.required(observer)
        let output = Output()
        var rows: [[Table.Cell]] = []
        var status: ExitStatus?
        for path in files {
            do {
                let check = try self.check(path, observer)
                if check.unparsed > 0 { status = status ?? .failed }
                if json {
                    try output.line(check.json(path))
                } else {
                    rows.append(check.cells(path))
                }
            } catch let failure as CommandFailure {
                Output.note(failure.message)
                status = failure.status
            }
        }
        if !rows.isEmpty {
            let table = Table(LogCheck.columns, fitting: rows, Terminal.current)
            try output.line(table.header)
            for row in rows { try output.line(table.line(row)) }
        }
        try output.flush()
        if let status { throw ExitCode(status.rawValue) }
    }

    private func check(_ path: String, _ observer: any LineObserver.Type) throws -> LogCheck {
        var shown = 0
        let check: LogCheck
        do {
            if let status = try FileStatus(path: path), status.kind != .regular {
                throw CommandFailure(
                    .noInput,
                    "unable to check \(path): it is a \(status.kind.rawValue); name a log file")
            }
            check = try LogCheck(
                path: path, observer: observer, zone: timezone?.zone ?? .system
            ) { line in
                shown += 1
                guard shown <= Self.shownLines else { return }
                Output.note("\(path):\(line.number): \(line.reason): \(line.text)")
            }
        } catch let error as SystemCallError {
            throw CommandFailure(
                .noInput, "unable to check \(path): \(error.reason); name a log that can be read")
        }
        if check.unparsed > Int64(Self.shownLines) {
            Output.note("\(path): \(check.unparsed - Int64(Self.shownLines)) more do not parse")
        }
        if let damage = check.damage {
            throw CommandFailure(
                .noInput, "unable to check all of \(path): \(damage); fetch the archive again")
        }
        return check
    }
}

extension LogCheck {
    fileprivate static let columns = [
        Table.Column(title: "FILE", fit: .end),
        Table.Column(title: "MATCHED", isNumber: true),
        Table.Column(title: "UNPARSED", isNumber: true),
        Table.Column(title: "IRRELEVANT", isNumber: true),
        Table.Column(title: "IGNORED", isNumber: true), Table.Column(title: "FIRST", rank: 1),
        Table.Column(title: "LAST", rank: 2),
    ]

    fileprivate func cells(_ path: String) -> [Table.Cell] {
        [
            Table.Cell(path), Table.Cell(String(matched)),
            Table.Cell(String(unparsed), unparsed > 0 ? .magenta : .plain),
            Table.Cell(String(irrelevant)), Table.Cell(String(ignored)),
            Table.Cell(firstTimestamp.map { Wording.localTime($0.text) } ?? ""),
            Table.Cell(lastTimestamp.map { Wording.localTime($0.text) } ?? ""),
        ]
    }

    fileprivate func json(_ path: String) -> String {
        var json = JSONWriter()
        json.object { json in
            json.field("path", path)
            json.field("matched", matched)
            json.field("unparsed", unparsed)
            json.field("irrelevant", irrelevant)
            json.field("ignored", ignored)
            json.field("first_ts", firstTimestamp?.text)
            json.field("last_ts", lastTimestamp?.text)
        }
        return json.text
    }
}
