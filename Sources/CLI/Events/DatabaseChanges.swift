internal import Syscalls
internal import Telemetry

/// Wakes when the daemon has recorded events, without looking at intervals.
///
/// The daemon touches the lock beside its database after each commit of events. (A change of the
/// write-ahead log itself would be reported before the rows in it can be seen.)
final class DatabaseChanges {
    private let path: String
    private let databaseName: String
    private let signalName: String
    private let inotify: Inotify
    private let poller: Poller

    /// Watches the database that `reader` reads, from now on.
    init(of reader: TelemetryReader) throws {
        path = reader.path
        databaseName = Folder.name(of: reader.path)
        signalName = Folder.name(of: reader.signalPath)
        do {
            inotify = try Inotify()
            poller = try Poller()
            _ = try inotify.watch(
                Folder.parent(of: path), for: [.attributes, .appeared, .vanished])
            try poller.add(inotify.number, .read)
        } catch {
            throw CommandFailure(
                .failed, "unable to watch the database \(path): \(error.inotifyReason)")
        }
        // Reports that the reader has gone; a file cannot be waited for and never goes.
        try? poller.add(StandardStream.output.rawValue, [])
        Signals.exitWhenStopped()
    }

    /// Waits for news; false once nobody reads standard output any more.
    func wait() throws -> Bool {
        var hasNews = false
        while !hasNews {
            var isReaderGone = false
            try poller.wait(milliseconds: nil) { number, _ in
                isReaderGone = isReaderGone || number == StandardStream.output.rawValue
            }
            if isReaderGone { return false }
            var isReplaced = false
            try inotify.forEachReport { report in
                switch report {
                case .overflow: hasNews = true
                case .change(_, _, let name) where name == signalName: hasNews = true
                case .change(_, let changes, let name) where name == databaseName:
                    isReplaced = isReplaced || !changes.isDisjoint(with: [.appeared, .vanished])
                case .change: break
                }
            }
            if isReplaced {
                throw CommandFailure(
                    .noInput,
                    "unable to follow the database \(path): it was removed or replaced; start again"
                )
            }
        }
        return true
    }
}
