internal import ArgumentParser
internal import Foundation
internal import LogTail
internal import Observers

/// Lists the observers this build knows, and what each takes for slow.
struct ObserversCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "observers",
        abstract: "List the known observers: what they read, where, and their thresholds.")

    @Flag(help: "One JSON object a line.")
    var json = false

    // Every command takes --db; this one has no use for it.
    @OptionGroup(visibility: .hidden) var databaseOptions: DatabaseOptions

    func run() throws {
        let output = Output()
        let environment = ProcessInfo.processInfo.environment
        let terminal = Terminal.current
        for observer in ObserverRegistry.all {
            let text = ObserverText(observer.descriptor, environment)
            if json {
                try output.line(text.json)
            } else {
                for line in text.lines(terminal) { try output.line(line) }
            }
        }
        try output.flush()
    }
}

/// An observer's descriptor in words.
struct ObserverText {
    let descriptor: ObserverDescriptor
    let paths: [String]

    /// The text of a descriptor; its usual paths depend on the environment.
    init(_ descriptor: ObserverDescriptor, _ environment: [String: String]) {
        self.descriptor = descriptor
        paths = descriptor.usualPaths(environment)
    }

    private var thresholds: Thresholds { Thresholds(degraded: descriptor.thresholdMilliseconds) }

    var json: String {
        var json = JSONWriter()
        json.object { json in
            json.field("name", descriptor.name)
            json.field("summary", descriptor.summary)
            json.field("marker", descriptor.marker)
            json.field("paths") { json in
                json.array { json in for path in paths { json.value(path) } }
            }
            json.field("source", descriptor.source)
            json.field("threshold_ms", thresholds.degraded)
            json.field("stall_ms", thresholds.stall)
            json.field("quiet_ms", descriptor.quietMilliseconds)
            json.field("lateness_ms", descriptor.latenessMilliseconds)
            json.field("fields") { json in
                json.array { json in for field in descriptor.fields { json.value(field) } }
            }
        }
        return json.text
    }

    /// A block of lines: the name, then a labelled line for each fact.
    func lines(_ terminal: Terminal) -> [String] {
        let marker = descriptor.marker.map { "lines with \"\($0)\"" } ?? "every line"
        let lateness = Wording.latency(Double(descriptor.latenessMilliseconds))
        let facts = [
            ("marker", marker),
            ("files", paths.isEmpty ? "none by default" : paths.joined(separator: " ")),
            ("source", descriptor.source),
            ("degraded", "from \(Wording.latency(thresholds.degraded))"),
            ("stall", "from \(Wording.latency(thresholds.stall))"),
            (
                "episodes",
                "end after \(Wording.latency(Double(descriptor.quietMilliseconds))) "
                    + "without a breach; a line may come \(lateness) late"
            ),
            ("fields", descriptor.fields.joined(separator: "; ")),
        ]
        let rows = facts.map { [Table.Cell("  " + $0.0, .faint), Table.Cell($0.1)] }
        let table = Table(
            [Table.Column(title: ""), Table.Column(title: "")], fitting: rows,
            Terminal(width: nil, isColoured: terminal.isColoured))
        let name = Table.Cell(descriptor.name, .bold)
        let summary = Table.Cell("  " + descriptor.summary)
        return [table.line([name]), table.line([summary])] + rows.map { table.line($0) } + [""]
    }
}
