internal import Checkpoint
internal import Syscalls
internal import Telemetry

/// Appends every event to a file that is rotated, compressed and shipped.
final class ArchiveFileSink: Sink {
    /// The limits of an archive, with their reasons.
    struct Limits: Sendable {
        /// The longest that bytes stay in memory alone with `fsync=interval`.
        var syncInterval = Duration.seconds(1)
        /// How long a rotation that failed is not tried again: it costs reading the whole file.
        var rotationRetry = Duration.seconds(30)
        /// How long a shipment may take: 10 MiB at 100 KiB a second, and as much again.
        var shipTime = Duration.seconds(300)
        /// How soon the lock is tried again that another process holds: long enough for it to
        /// write some events, later in proportion to the time already waited.
        var lockRetry = Duration.milliseconds(2)
        /// How long another process may hold the lock before that is worth a word.
        var lockPatience = Duration.seconds(30)
    }

    /// What a sink's name has before the path.
    static let namePrefix = "file:"

    private(set) var nextTurn: ContinuousClock.Instant?
    private let log: any EventLog
    private let publication: Publication
    private let options: ArchiveFileOptions
    private let limits: Limits
    private let path: String
    private let archive: ArchiveFile
    private let shipping: ShipQueue
    /// Every row up to here is in the file.
    private var written: Int64
    /// Every row up to here is on the disk.
    private var synced: Int64
    private var lastSync = ContinuousClock.now
    /// False until it is known which rows are in the file already.
    private var isResumed = false
    private var hasNews = false
    /// True where nothing keeps the next archive from going.
    private var mayShip = false
    private var isWaitingSince: ContinuousClock.Instant?

    /// A sink that writes to the file at `path`.
    init(
        _ opening: SinkOpening, path: String, database: String, options: ArchiveFileOptions,
        limits: Limits, atStep: @escaping @Sendable (ArchiveFileRotation.Step) -> Void
    ) throws(BusError) {
        log = opening.log
        publication = opening.publication
        (written, synced) = (opening.position, opening.position)
        self.options = options
        self.limits = limits
        // A symlink leads to the file that is written and rotated, so that whoever names the
        // file itself means the same one.
        let target = Folder.realPath(path)
        guard target != nil || Folder.linkTarget(path) == nil else {
            throw .failed(
                verb: "write to", object: path,
                reason: "it is a symlink that leads nowhere; let it lead to a file, or name "
                    + "another with --bus")
        }
        let path = target ?? path
        self.path = path
        do {
            try Folder.create(Folder.parent(of: path))
        } catch {
            throw .unable(to: "write to", path, error)
        }
        let shipper = options.ship.map { ShipCommand($0) }
        let names = ArchiveFileNames(path: path, scheme: options.names)
        archive = ArchiveFile(
            names,
            ArchiveFileRotation(
                names: names, options: options, isShipped: shipper != nil, atStep: atStep),
            writer: Self.writer(database), rotationRetry: limits.rotationRetry)
        shipping = ShipQueue(names, shipper, opening.poller, timeLimit: limits.shipTime)
        try resume()
    }

    @Sendable
    static func plan(_ location: BusLocation) throws(BusError) -> SinkPlan {
        let (path, options) = try ArchiveFileOptions.parse(location)
        return plan(path: path, database: location.surroundings.database, options: options)
    }

    /// The options are no part of the name, so that changing them does not move the position.
    static func plan(
        path: String, database: String, options: ArchiveFileOptions, limits: Limits = Limits(),
        atStep: @escaping @Sendable (ArchiveFileRotation.Step) -> Void = { _ in }
    ) -> SinkPlan {
        SinkPlan(name: namePrefix + path) { opening throws(BusError) in
            try ArchiveFileSink(
                opening, path: path, database: database, options: options, limits: limits,
                atStep: atStep)
        }
    }

    var position: Int64 { options.sync == .none ? written : synced }

    /// An archive on its way has not left yet: a daemon that stops gives it what time there is.
    var drainedPosition: Int64 { shipping.isBusy ? written - 1 : written }

    var complaint: BusError? {
        if let since = isWaitingSince, since + limits.lockPatience <= .now {
            return .failed(
                verb: "write to", object: path,
                reason: "another process holds \(path).lock all the time; end that one, or name "
                    + "another with --bus")
        }
        return archive.trouble ?? shipping.trouble
    }

    func takeRemoved() -> [String] { archive.takeRemoved() }

    func turn(_ ready: [ReadyDescriptor], hasNews: Bool) throws(BusError) {
        nextTurn = nil
        self.hasNews = self.hasNews || hasNews
        mayShip = shipping.attend() || mayShip
        do throws(BusError) {
            if !isResumed { try resume() }
            if isResumed, self.hasNews { try deliver() }
            try sync(isDue: options.sync == .event)
        } catch {
            // When it is tried again is not for this sink to say.
            nextTurn = shipping.deadline
            throw error
        }
        if mayShip || archive.hasNewArchive {
            (mayShip, archive.hasNewArchive) = (false, false)
            shipping.start()
        }
        wake(at: shipping.deadline)
    }

    func close() {
        shipping.stop()
        try? sync(isDue: true)
    }

    private func wake(at moment: ContinuousClock.Instant?) {
        nextTurn = [nextTurn, moment].compactMap(\.self).min()
    }

    /// What a database is known by in the ledger: a new one at the same path is another one.
    private static func writer(_ database: String) -> String {
        let path = Folder.realPath(database) ?? database
        let status = try? FileStatus(path: path)
        let birth = status?.birth.map { UInt64(bitPattern: $0) }
        let identity = [status?.device, status?.inode, birth]
        return Digest(of: [path] + identity.map { "\($0 ?? 0)" }).hex
    }
}

// MARK: - Delivering

extension ArchiveFileSink {
    /// Passes over the rows that were written before a crash, after the last saved position.
    private func resume() throws(BusError) {
        let (hasLock, mark) = try archive.lastWritten()
        guard noteLock(hasLock) else { return }
        isResumed = true
        guard let mark, mark.seq > written else { return }
        // Where the database was put back to an older state, its numbers say nothing.
        let row = try BusError.reporting(log.events(after: mark.seq - 1, limit: 1)).first
        guard let row, ArchiveFileLedger.Mark(seq: row.seq, key: row.key) == mark else { return }
        written = mark.seq
    }

    private func deliver() throws(BusError) {
        let rows = try NextRows(log, after: written)
        let lines = rows.events.filter(publication.includes).map { event in
            ArchiveFile.Line(
                mark: ArchiveFileLedger.Mark(seq: event.seq, key: event.key),
                bytes: EventLine.bytes(event))
        }
        if !lines.isEmpty {
            guard noteLock(try archive.append(lines, written: &written)) else { return }
        }
        written = max(written, rows.end)
        if rows.hasMore { wake(at: .now) } else { hasNews = false }
    }

    /// Notes whether the lock was there; where it was not, tries again soon.
    private func noteLock(_ hasLock: Bool) -> Bool {
        if hasLock {
            isWaitingSince = nil
        } else {
            let since = isWaitingSince ?? .now
            isWaitingSince = since
            wake(at: .now + limits.lockRetry + (.now - since) / 8)
        }
        return hasLock
    }

    /// Forces what was written to the disk, where it is time to.
    private func sync(isDue: Bool) throws(BusError) {
        guard options.sync != .none, archive.isDirty else {
            synced = written
            return
        }
        guard isDue || lastSync + limits.syncInterval <= .now else {
            return wake(at: lastSync + limits.syncInterval)
        }
        try archive.sync()
        synced = written
        lastSync = .now
    }
}
