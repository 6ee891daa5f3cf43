import Checkpoint
import LogTail
import Syscalls

/// A recorder that keeps what was committed, as a database would that survives its daemon.
final class MemoryRecorder: Recorder {
    private(set) var events: [Event] = []
    private(set) var checkpoints: [String: CheckpointRecord] = [:]
    private var cells: [String: LatencyCell] = [:]

    /// True while nothing can be committed, as on a full disk.
    var isFailing = false

    func commit(_ batch: Batch) throws(RecorderError) {
        if isFailing { throw RecorderError("no space left") }
        events += batch.events
        for checkpoint in batch.checkpoints { checkpoints[checkpoint.path] = checkpoint }
        for cell in batch.latency { cells[Self.key(cell.source, cell.stage, cell.minute)] = cell }
    }

    func checkpoint(
        source: String, path: String
    ) throws(RecorderError) -> CheckpointRecord? {
        checkpoints[path]
    }

    func forEachCheckpoint(
        source: String, _ body: (CheckpointRecord) -> Void
    ) throws(RecorderError) {
        for checkpoint in checkpoints.values { body(checkpoint) }
    }

    func latencyCell(
        source: String, stage: String, minute: Int64
    ) throws(RecorderError) -> LatencyCell? {
        if isFailing { throw RecorderError("no space left") }
        return cells[Self.key(source, stage, minute)]
    }

    func latestMinute(source: String, stage: String) throws(RecorderError) -> Int64? {
        if isFailing { throw RecorderError("no space left") }
        return cells.values.filter { $0.source == source && $0.stage == stage }.map(\.minute).max()
    }

    func stageNames(source: String) throws(RecorderError) -> [String] { [] }

    /// Makes the checkpoints look as if the inode they name were that of another file by now, on a
    /// file system that keeps no birth times.
    func inodeIsReused(by path: String) {
        guard let status = try? FileStatus(path: path) else { return }
        for (key, checkpoint) in checkpoints {
            let old = checkpoint.position.identity
            checkpoints[key]?.position.identity.inode = status.inode
            checkpoints[key]?.position.identity.birth = nil
            checkpoints[key]?.state = checkpoint.state?
                .replacing("\"inode\":\(old.inode)", with: "\"inode\":\(status.inode)")
                .replacing("birth=\(old.birth ?? 0)", with: "birth=-")
        }
    }

    /// Makes the checkpoints look as if they were of a file system that keeps no birth times and
    /// that is mounted under another number by now.
    func fileSystemIsMountedAgain() {
        for (key, checkpoint) in checkpoints {
            let old = checkpoint.position.identity
            checkpoints[key]?.position.identity.device = old.device + 1
            checkpoints[key]?.position.identity.birth = nil
            checkpoints[key]?.state = checkpoint.state?
                .replacing("\"device\":\(old.device)", with: "\"device\":\(old.device + 1)")
                .replacing(#/birth=[0-9]+/#, with: "birth=-")
        }
    }

    private static func key(_ source: String, _ stage: String, _ minute: Int64) -> String {
        "\(source) \(stage) \(minute)"
    }

    /// Numbers of the lines that became rows, in the order of the rows.
    var numbers: [Int] { rows.map(\.number) }

    /// The rows of lines: number and offset.
    var rows: [(number: Int, offset: Int)] {
        events.filter { $0.kind == .overhead }.compactMap { event in
            guard let number = event.detail.value(of: "request_id"),
                let offset = event.detail.value(of: "offset")
            else { return nil }
            return (number, offset)
        }
    }

    /// The notices of a kind.
    func notices(_ kind: EventKind) -> [String] {
        events.filter { $0.kind == kind }.map(\.detail)
    }

    /// Observations counted in the latency cells.
    var observations: Int64 {
        cells.values.filter { $0.stage == "total" }.reduce(0) { $0 + $1.count }
    }
}

extension String {
    /// The whole number that a JSON object holds under a name, in quotes or not.
    func value(of name: String) -> Int? {
        guard let start = range(of: "\"\(name)\":")?.upperBound else { return nil }
        let text = self[start...].drop { $0 == "\"" }
        return Int(text.prefix { $0.isNumber || $0 == "-" })
    }

    private func range(of text: String) -> Range<String.Index>? {
        let bytes = Array(utf8)
        let wanted = Array(text.utf8)
        guard bytes.count >= wanted.count else { return nil }
        for start in 0...bytes.count - wanted.count
        where bytes[start..<start + wanted.count].elementsEqual(wanted) {
            let lower = utf8.index(utf8.startIndex, offsetBy: start)
            return lower..<utf8.index(lower, offsetBy: wanted.count)
        }
        return nil
    }
}
