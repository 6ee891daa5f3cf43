internal import ArgumentParser
internal import Bus
internal import Checkpoint
internal import LogTail
internal import Observers
internal import Syscalls
internal import Telemetry

/// Shows what is followed and how far, what is published and how far, and whether a daemon runs.
struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show files, positions, lag, the bus, and whether the daemon runs.")

    @Flag(help: "One JSON object with the columns of the database.")
    var json = false

    @Flag(help: "Metrics as text, for the textfile collector of Prometheus' node exporter.")
    var prometheus = false

    @OptionGroup var remote: RemoteOptions

    @OptionGroup var databaseOptions: DatabaseOptions

    func run() throws {
        guard !json || !prometheus else {
            throw CommandFailure(.usage, "--json and --prometheus exclude each other; name one")
        }
        try remote.runThere()
        let reader = try TelemetryReader(path: databaseOptions.path())
        var newest = EventQuery()
        newest.limit = 1
        let status = DaemonStatus(
            database: reader.path, pid: try reader.runningDaemon(), bounds: try reader.bounds(),
            recordedAt: try reader.events(matching: newest).first?.recordedAt,
            tails: try reader.checkpoints().map(TailStatus.init),
            sinks: try reader.busPositions().map(SinkStatus.init),
            eventCounts: try reader.eventCounts(),
            retention: try reader.retention(), bytes: reader.fileBytes)
        let output = Output()
        if json {
            try output.line(status.json)
        } else if prometheus {
            for line in status.metrics { try output.line(line) }
        } else {
            let now = Timestamp(nanoseconds: Clock.wall)
            for line in status.lines(now: now, Terminal.current) { try output.line(line) }
        }
        try output.flush()
    }
}

/// What `status` tells.
struct DaemonStatus {
    let database: String
    /// The daemon's process id, 0 where it is not known; nil where none runs.
    let pid: Int32?
    let bounds: EventBounds
    /// When the newest event was committed; nil where there is none.
    let recordedAt: String?
    let tails: [TailStatus]
    let sinks: [SinkStatus]
    /// How many events were ever recorded.
    let eventCounts: [EventCount]
    /// What retention keeps and has pruned.
    let retention: RetentionState
    /// What the database takes on the disk.
    let bytes: (database: Int64, writeAheadLog: Int64)

    /// When something was last committed; nil where nothing was.
    var committedAt: String? {
        (tails.map(\.row.updatedAt) + (recordedAt.map { [$0] } ?? [])).max()
    }
}

/// A followed path: its checkpoint, and what the disk holds beyond it.
struct TailStatus {
    let row: CheckpointRow
    let lag: Lag
    /// True while lines with the marker do not parse.
    let isDrifting: Bool
    /// When bytes were last read; nil where it is not known.
    let lastRead: Timestamp?
    /// Lines that were passed over because they are too long.
    let linesOversized: Int64

    /// How far reading is behind.
    enum Lag {
        /// That many bytes of the file are not read yet.
        case bytes(Int64)
        /// The path leads to another file than the one that was read.
        case replaced
        /// The file is compressed: how many of its bytes were read does not follow from a position
        /// in its contents.
        case compressed
        /// Nothing is at the path.
        case missing
        /// The file cannot be looked at.
        case unknown
    }

    init(_ row: CheckpointRow) {
        self.row = row
        lag = Self.lag(row)
        let summary = TailSummary.decode(row.state)
        isDrifting = summary?.isDrifting ?? false
        lastRead = summary?.lastRead
        linesOversized = summary?.linesOversized ?? 0
    }

    private static func lag(_ row: CheckpointRow) -> Lag {
        let status: FileStatus
        do {
            guard let found = try FileStatus(path: row.path) else { return .missing }
            status = found
        } catch {
            return .unknown
        }
        guard let position = row.position, status.identity.isSameFile(as: position.identity)
        else { return .replaced }
        // What may be looked at but not read is taken for what most logs are.
        if (try? isCompressedLog(row.path)) == true { return .compressed }
        return status.size < row.offset ? .replaced : .bytes(status.size - row.offset)
    }
}

/// A sink: how far it has delivered, and what it has not shipped.
struct SinkStatus {
    let position: BusPosition
    /// True for one that makes archives.
    var isArchive: Bool { UnshippedArchives.file(ofSink: position.sink) != nil }
    /// Archives that are still to be shipped, oldest first; nil where they cannot be looked at.
    let unshipped: [String]?

    init(_ position: BusPosition) {
        self.position = position
        unshipped = try? UnshippedArchives.list(sink: position.sink)
    }
}
