internal import Syscalls

/// The archives that are still to be shipped, oldest first and one at a time.
///
/// A marker beside an archive says that it is; it is made before the archive has its name, and
/// removed once the archive has arrived. So the queue survives a restart, and several processes
/// share it: whoever ships an archive holds a lock on its marker.
final class ShipQueue {
    /// What is on its way.
    private struct Current {
        let shipment: any Shipment
        let archive: String
        let marker: Marker
        let deadline: ContinuousClock.Instant
    }

    /// An open marker, locked.
    private final class Marker {
        let file: FileDescriptor

        init(_ file: consuming FileDescriptor) {
            self.file = file
        }
    }

    /// Why archives are not shipped; nil where the last one was, or none is left. It names none of
    /// them: a command that fails for one archive after the other is told once.
    private(set) var trouble: BusError?
    private static let verb = "ship archives of"
    private let names: ArchiveFileNames
    private let shipper: (any Shipper)?
    private let poller: Poller
    private let timeLimit: Duration
    private var current: Current?

    /// A queue for the archives of a file.
    ///
    /// - Parameter timeLimit: how long a shipment may take before it is given up.
    init(
        _ names: ArchiveFileNames, _ shipper: (any Shipper)?, _ poller: Poller, timeLimit: Duration
    ) {
        self.names = names
        self.shipper = shipper
        self.poller = poller
        self.timeLimit = timeLimit
    }

    /// True while an archive is on its way.
    var isBusy: Bool { current != nil }

    /// When the archive on its way is given up.
    var deadline: ContinuousClock.Instant? { current?.deadline }

    /// Begins with the oldest archive that nobody ships, unless one is on its way. After a
    /// failure nothing is tried until this is called again.
    func start() {
        guard let shipper, current == nil else { return }
        do throws(SystemCallError) {
            for archive in try names.marked() where try FileStatus(path: archive.path) != nil {
                guard let marker = try lockMarker(of: archive.path) else { continue }
                return try begin(archive.path, marker, shipper)
            }
            trouble = nil
        } catch {
            trouble = failure(error)
        }
    }

    /// Looks whether what is on its way has arrived or takes too long; true where the next may go:
    /// it has arrived, or it failed and is gone.
    func attend() -> Bool {
        guard let current else { return false }
        guard let outcome = current.shipment.outcome else {
            guard current.deadline <= .now else { return false }
            drop()
            return fail(current, "it took longer than \(timeLimit)")
        }
        drop()
        switch outcome {
        case .shipped:
            trouble = nil
            do {
                try Folder.remove(ArchiveFileNames.marker(of: current.archive))
                return true
            } catch {
                trouble = failure(error)
                return false
            }
        case .failed(let reason):
            return fail(current, reason)
        }
    }

    /// Gives up what is on its way; it is shipped again at the next start.
    func stop() {
        drop()
    }

    private func begin(
        _ archive: String, _ marker: Marker, _ shipper: any Shipper
    ) throws(SystemCallError) {
        let shipment = try shipper.begin(archive: archive)
        current = Current(
            shipment: shipment, archive: archive, marker: marker, deadline: .now + timeLimit)
        try poller.add(shipment.number, .read)
    }

    private func drop() {
        guard let current else { return }
        poller.remove(current.shipment.number)
        if current.shipment.outcome == nil { current.shipment.cancel() }
        self.current = nil
    }

    /// The marker of an archive, locked; nil where another process ships or has shipped it.
    private func lockMarker(of archive: String) throws(SystemCallError) -> Marker? {
        let file: FileDescriptor
        do {
            file = try FileDescriptor(openingToRead: ArchiveFileNames.marker(of: archive))
        } catch {
            if error.isMissing { return nil }
            throw error
        }
        guard try file.tryLock(), try FileStatus(of: file).links > 0 else { return nil }
        return Marker(file)
    }

    /// Notes why an archive was not shipped; true where it has been removed meanwhile, which is
    /// told as such and keeps no other from going.
    private func fail(_ shipment: Current, _ reason: String) -> Bool {
        if (try? FileStatus(of: shipment.marker.file))?.links == 0 { return true }
        trouble = .failed(
            verb: Self.verb, object: names.path,
            reason: "\(reason); see why the command of ship fails")
        return false
    }

    private func failure(_ error: SystemCallError) -> BusError {
        .unable(to: Self.verb, names.path, error)
    }
}
