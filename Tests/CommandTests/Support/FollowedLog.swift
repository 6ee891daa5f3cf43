import Foundation
import TestSupport

/// A log whose lines are told apart by name: every request in it is slow enough to be recorded.
final class FollowedLog {
    let workspace: Workspace
    let path: String
    private var writer = HeadroomWriter(SeededGenerator(fixed: 11))
    private var openFile: LogFile?

    /// A log in a workspace of its own or in that of another one.
    init(
        _ workspace: Workspace? = nil, in folder: String? = nil, named name: String = "proxy.log"
    ) throws {
        self.workspace = try workspace ?? Workspace()
        path = self.workspace.path((folder.map { $0 + "/" } ?? "") + name)
    }

    // MARK: The writer

    func makeFolder() throws {
        try FileManager.default.createDirectory(
            atPath: (path as NSString).deletingLastPathComponent,
            withIntermediateDirectories: true)
    }

    /// A line of a slow request with that name.
    func line(_ name: String, padding: Int = 0) -> String {
        writer.pass(milliseconds: 100)
        let line = writer.request(total: 900, connect: 5)
        let session = name + String(repeating: " ", count: padding)
        return line.replacing("anthropic_messages", with: session)
            .replacing(#/"request_id": "hr_\d+_\d+"/#, with: #""request_id": "\#(name)""#)
    }

    /// A line that does not parse.
    func garbled() -> String { writer.garbled() }

    /// Writes a line for each name.
    func write(_ names: String...) throws {
        for name in names { try append(line(name)) }
    }

    func append(_ text: some StringProtocol) throws {
        try file().append(String(text))
    }

    func truncate() throws { try file().truncate() }

    func reopen() throws { try file().reopen() }

    func rotate() throws { try file().rotate(to: path + ".1") }

    /// Rotates the log to the first of any number of siblings.
    func turnOver() throws {
        try shift()
        try rotate()
    }

    /// Moves every sibling one number up.
    func shift() throws {
        var last = 0
        while sibling(last + 1) != nil { last += 1 }
        for number in (0..<last).reversed() {
            guard let (name, end) = sibling(number + 1) else { continue }
            try LogFile.rename(name, "\(path).\(number + 2)\(end)")
        }
    }

    /// The sibling with that number, and what comes after the number.
    private func sibling(_ number: Int) -> (name: String, end: String)? {
        for end in ["", ".gz"] where workspace.exists("\(path).\(number)\(end)") {
            return ("\(path).\(number)\(end)", end)
        }
        return nil
    }

    private func file() throws -> LogFile {
        if let openFile { return openFile }
        let file = try LogFile(path)
        openFile = file
        return file
    }

    // MARK: The daemon

    /// Starts a daemon that follows the log, or `path`.
    func start(
        _ options: [String] = [], path: String? = nil, wrapper: [String] = []
    ) throws -> RunningLogtail {
        let daemon = try LogtailBinary.start(
            arguments(options, path), in: workspace, wrapper: wrapper)
        try daemon.ready()
        return daemon
    }

    func run(_ options: [String]) throws -> RunningLogtail {
        try LogtailBinary.run(arguments(options, nil), in: workspace)
    }

    private func arguments(_ options: [String], _ path: String?) -> [String] {
        ["--observer", "headroom", "--timezone", "UTC"] + options + [path ?? self.path]
    }

    func database() throws -> TelemetryDatabase { try TelemetryDatabase(workspace.database) }

    /// Waits until exactly these requests are recorded, in any order.
    func awaitRequests(_ names: [String], within limit: Duration = .seconds(10)) throws {
        let sql = "SELECT detail ->> 'request_id' FROM events WHERE kind = 'overhead' ORDER BY 1"
        var found: [String] = []
        func look() throws -> Bool {
            found = try database().rows(sql).map { $0[0] }
            return found == names.sorted()
        }
        do {
            try eventually("", within: limit, look)
        } catch {
            throw Overdue(what: "requests \(names.sorted()), only \(found)", limit: limit)
        }
    }
}
