import Testing

@testable import LogTail

/// A log of numbered lines that something happens to while a daemon follows it, or does not.
final class RotatedLog {
    /// What the daemon does meanwhile.
    enum Daemon: CaseIterable {
        /// It has read everything and looks right after.
        case live
        /// It runs, but has not read the last lines.
        case behind
        /// It was stopped after it read everything, and starts again after.
        case stopped
        /// It was killed before it read the last lines, and starts again after.
        case killed
    }

    let folder: LogFolder
    let engine: Engine
    private let daemon: Daemon
    private(set) var written = 0
    private(set) var bytesWritten = 0

    /// Follows `app.log` from its first byte on, two lines of which are read already. Its siblings
    /// may be kept in a folder of that name; it may be a symlink.
    init(_ daemon: Daemon, archives: String? = nil, target: String? = nil) throws {
        self.daemon = daemon
        let folder = LogFolder()
        self.folder = folder
        if let archives { folder.makeFolder(archives) }
        if let target { folder.link("app.log", to: target) }
        engine = Engine(
            path: folder("app.log"), archives: archives.map { folder($0) }, try WatchTable())
        write(2)
        try engine.start()
        engine.catchUp()
    }

    var recorder: MemoryRecorder { engine.recorder }

    /// Appends the next lines, with something else before each.
    func write(_ count: Int, to name: String = "app.log", after noise: String = "") {
        for _ in 0..<count {
            written += 1
            let text = noise + NumberedLine.text(written)
            bytesWritten += text.utf8.count
            LogWriter(folder(name)).write(text)
        }
    }

    /// Appends bytes that are no numbered line.
    func write(_ bytes: [UInt8]) {
        bytesWritten += bytes.count
        LogWriter(folder("app.log")).write(bytes)
    }

    /// Lets something happen to the log, after three more lines.
    func happens(_ steps: () -> Void) throws {
        switch daemon {
        case .live, .stopped:
            write(3)
            engine.catchUp()
        case .behind, .killed:
            write(3)
        }
        switch daemon {
        case .live, .behind: break
        case .stopped: engine.stop()
        case .killed: engine.kill()
        }
        steps()
        if !engine.isRunning { try engine.start() }
        engine.catchUp()
    }

    /// Copies the live file and truncates it.
    func copyAndTruncate(to name: String = "app.log.1") {
        folder.put(name, folder.contents("app.log"))
        folder.truncate("app.log", to: 0)
    }

    /// Every line is a row, once and in order, and nothing is said to be lost.
    func expectEveryLine(
        noticing notices: Set<EventKind> = [], _ place: SourceLocation = #_sourceLocation
    ) {
        for _ in 0..<3 { engine.waitOut() }
        #expect(recorder.numbers == Array(1...written), sourceLocation: place)
        let losses: Set<EventKind> = [
            .missedRotation, .truncated, .archiveUnreadable, .lineOversized, .readFailed,
            .observerDrift,
        ]
        let found = Set(recorder.events.map(\.kind)).intersection(losses)
        #expect(found.isSubset(of: notices), sourceLocation: place)
        let read = recorder.checkpoints[engine.path]?.bytesRead ?? 0
        #expect(read * 100 <= Int64(bytesWritten) * 101, sourceLocation: place)
    }
}
