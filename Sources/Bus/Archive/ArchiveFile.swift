internal import Syscalls

/// A file that several processes append lines to and rotate, one at a time.
///
/// Whoever writes holds the lock of the ``ArchiveFileLedger``, and looks first whether the file it
/// has open still is the one at the path.
final class ArchiveFile {
    /// A line, and the row it tells of.
    struct Line {
        let mark: ArchiveFileLedger.Mark
        let bytes: [UInt8]
    }

    /// Why the file is not rotated.
    private(set) var trouble: BusError?
    /// What was removed before it was shipped, and not told yet.
    private var removed: [String] = []
    /// True where an archive was made since this was last set to false.
    var hasNewArchive = true

    private let names: ArchiveFileNames
    private let options: ArchiveFileOptions
    private let rotation: ArchiveFileRotation
    private let writer: String
    private let rotationRetry: Duration
    private var nextRotation: ContinuousClock.Instant?
    private var ledger: ArchiveFileLedger?
    private var live: ArchiveFileLive?

    /// An archive with those files.
    ///
    /// - Parameters:
    ///   - writer: what the database that is read from is known by.
    ///   - rotationRetry: how long a rotation that failed is not tried again.
    init(
        _ names: ArchiveFileNames, _ rotation: ArchiveFileRotation, writer: String,
        rotationRetry: Duration
    ) {
        self.names = names
        self.rotation = rotation
        self.writer = writer
        self.rotationRetry = rotationRetry
        options = rotation.options
    }

    /// What the ledger holds as the last event of this database; `hasLock` is false where another
    /// process writes just now.
    func lastWritten() throws(BusError) -> (hasLock: Bool, mark: ArchiveFileLedger.Mark?) {
        var mark: ArchiveFileLedger.Mark?
        let hasLock = try withLock { ledger, _ throws(SystemCallError) in
            mark = ledger.mark(of: writer)
            prune()
        }
        return (hasLock, mark)
    }

    /// Appends lines, and rotates the file before one that would pass its limit; false where
    /// another process writes just now. `written` moves with each line, also where a later fails.
    func append(_ lines: [Line], written: inout Int64) throws(BusError) -> Bool {
        try withLock { ledger, live throws(SystemCallError) in
            var live = live
            var last: ArchiveFileLedger.Mark?
            var isNoted = false
            do throws(SystemCallError) {
                for line in lines {
                    if isFull(live, for: line) {
                        try ledger.end(last)
                        isNoted = false
                        live = try rotate(ledger)
                    }
                    if !isNoted { try ledger.begin(writer, at: live.size) }
                    isNoted = true
                    try live.append(line.bytes)
                    last = line.mark
                    written = line.mark.seq
                }
                try ledger.end(last)
            } catch {
                // Where this fails too, whoever takes the lock next completes the note.
                try? ledger.end(last)
                throw error
            }
        }
    }

    /// Waits until all that was written is on the disk. What was rotated is there already.
    func sync() throws(BusError) {
        do {
            try live?.sync()
        } catch {
            throw failure("sync", error)
        }
    }

    /// The archives that the limits removed before they were shipped, the first time it is asked.
    func takeRemoved() -> [String] {
        defer { removed = [] }
        return removed
    }

    /// True while something was written that may not be on the disk.
    var isDirty: Bool { live?.isDirty ?? false }

    private func isFull(_ live: ArchiveFileLive, for line: Line) -> Bool {
        guard options.maxSize > 0, live.size > 0,
            live.size + Int64(line.bytes.count) > options.maxSize
        else { return false }
        return nextRotation.map { $0 <= .now } ?? true
    }

    /// Rotates the file, or notes why it cannot be; returns what is to be written to now.
    private func rotate(_ ledger: ArchiveFileLedger) throws(SystemCallError) -> ArchiveFileLive {
        do {
            try rotation.rotate(ledger)
            hasNewArchive = true
            trouble = nil
            nextRotation = nil
            prune()
        } catch {
            trouble = failure("rotate", error)
            nextRotation = .now + rotationRetry
        }
        return try open(ledger)
    }

    private func prune() {
        do {
            removed += try rotation.prune()
        } catch {
            trouble = failure("remove old archives of", error)
        }
    }

    /// The file at the path, which may be another one than last time.
    private func open(_ ledger: ArchiveFileLedger) throws(SystemCallError) -> ArchiveFileLive {
        let status = try FileStatus(path: names.path)
        if let live, live.isSame(as: status) { return live }
        live = nil
        do {
            if try rotation.recover(ledger) { hasNewArchive = true }
        } catch {
            trouble = failure("end a rotation of", error)
        }
        let opened = try ArchiveFileLive(path: names.path)
        live = opened
        return opened
    }

    /// Runs `body` with the lock held and the file in order; false where another process has the
    /// lock.
    private func withLock(
        _ body: (ArchiveFileLedger, ArchiveFileLive) throws(SystemCallError) -> Void
    ) throws(BusError) -> Bool {
        do throws(SystemCallError) {
            guard let ledger = try takeLock() else { return false }
            defer { ledger.unlock() }
            let live = try open(ledger)
            try live.refresh()
            if let offset = ledger.unfinishedOffset {
                try ledger.end(try live.lastEvent(from: offset))
            }
            try body(ledger, live)
            return true
        } catch {
            throw failure("write to", error)
        }
    }

    private func takeLock() throws(SystemCallError) -> ArchiveFileLedger? {
        while true {
            let ledger = try openLedger()
            guard try ledger.tryLock() else { return nil }
            if try ledger.isCurrent() { return ledger }
            // Somebody has removed the lock file; the others use the new one.
            self.ledger = nil
        }
    }

    private func openLedger() throws(SystemCallError) -> ArchiveFileLedger {
        if let ledger { return ledger }
        let opened = try ArchiveFileLedger(path: names.lock)
        ledger = opened
        return opened
    }

    private func failure(_ verb: String, _ error: SystemCallError) -> BusError {
        .unable(to: verb, names.path, error)
    }
}
