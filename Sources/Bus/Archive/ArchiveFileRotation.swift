internal import Syscalls

/// Turns the file that is written into an archive, in steps that can be taken up again after a
/// crash between any two of them. Nothing here is called without the archive's lock.
///
/// ```text
/// PATH                     is renamed: nobody writes to it any more
/// PATH.rotating            is compressed and synced
/// PATH.rotating.gz.tmp     is renamed once it is whole
/// PATH.rotating.gz         replaces PATH.rotating, which is removed, and is renamed
/// PATH.20260418T183045Z.gz is what remains
/// ```
///
/// Before PATH.rotating.gz is there, a crash is undone: PATH.rotating is PATH again. From then on
/// it is completed.
struct ArchiveFileRotation {
    /// A moment in a rotation at which it may be interrupted.
    enum Step: String, CaseIterable, Sendable {
        case frozen, compressing, compressed, complete, unfrozen, shifted, marked, named, pruned
    }

    let names: ArchiveFileNames
    let options: ArchiveFileOptions
    /// True where each archive is to be shipped.
    let isShipped: Bool
    /// Told of each step, for tests.
    let atStep: @Sendable (Step) -> Void

    /// Makes an archive of the file at the path, which is not empty.
    func rotate(_ ledger: ArchiveFileLedger) throws(SystemCallError) {
        try finish(ledger)
        try Folder.rename(names.path, to: names.frozen)
        atStep(.frozen)
        do {
            try compress()
        } catch {
            try? Folder.rename(names.frozen, to: names.path)
            throw error
        }
        try name(ledger)
    }

    /// Ends what a crash or a failure left in the middle; true where an archive came of it.
    func recover(_ ledger: ArchiveFileLedger) throws(SystemCallError) -> Bool {
        try Folder.remove(names.temporary)
        for archive in try names.marked() where try FileStatus(path: archive.path) == nil {
            try Folder.remove(ArchiveFileNames.marker(of: archive.path))
        }
        if try FileStatus(path: names.complete) == nil, try FileStatus(path: names.path) == nil,
            try FileStatus(path: names.frozen) != nil
        {
            try Folder.rename(names.frozen, to: names.path)
        }
        return try finish(ledger)
    }

    /// Removes the oldest archives beyond the limits; returns those that were never shipped.
    func prune() throws(SystemCallError) -> [String] {
        var unshipped: [String] = []
        var kept: Int64 = 0
        var bytes: Int64 = 0
        for archive in try names.archives().reversed() {
            kept += 1
            bytes += try FileStatus(path: archive.path)?.size ?? 0
            let isBeyond =
                (options.maxFiles > 0 && kept > options.maxFiles)
                || (options.maxTotal > 0 && bytes > options.maxTotal)
            guard isBeyond else { continue }
            try Folder.remove(archive.path)
            let marker = ArchiveFileNames.marker(of: archive.path)
            if try FileStatus(path: marker) != nil {
                try Folder.remove(marker)
                unshipped.append(archive.path)
            }
        }
        atStep(.pruned)
        return unshipped
    }

    /// Goes on with a file that was frozen before; true where there was one.
    @discardableResult
    private func finish(_ ledger: ArchiveFileLedger) throws(SystemCallError) -> Bool {
        if try FileStatus(path: names.complete) == nil {
            guard try FileStatus(path: names.frozen) != nil else { return false }
            try compress()
        }
        try name(ledger)
        return true
    }

    private func compress() throws(SystemCallError) {
        do {
            let source = try FileDescriptor(openingToRead: names.frozen)
            let target = try FileDescriptor(replacing: names.temporary)
            try ArchiveFileGzip.compress(source, to: target) { atStep(.compressing) }
            try target.sync()
            atStep(.compressed)
            try Folder.rename(names.temporary, to: names.complete)
        } catch {
            // Half an archive would take the space that the next attempt needs.
            try? Folder.remove(names.temporary)
            throw error
        }
    }

    private func name(_ ledger: ArchiveFileLedger) throws(SystemCallError) {
        // What is frozen must not go before the name of what replaces it is on the disk.
        try Folder.sync(names.folder)
        atStep(.complete)
        try Folder.remove(names.frozen)
        atStep(.unfrozen)
        let archive = try freeName(ledger)
        if isShipped {
            _ = try FileDescriptor(creating: ArchiveFileNames.marker(of: archive))
            atStep(.marked)
        }
        try Folder.rename(names.complete, to: archive)
        try Folder.sync(names.folder)
        atStep(.named)
    }

    /// The name for the next archive. A time is that of the rotation, or a second after that of
    /// the archive before it where this is later: so names are unique and in order, whatever the
    /// clock does, and even where archives were moved away.
    private func freeName(_ ledger: ArchiveFileLedger) throws(SystemCallError) -> String {
        let archives = try names.archives()
        switch options.names {
        case .timestamp:
            let newest = max(ledger.newestSecond, archives.last?.order ?? 0)
            let second = max(Clock.wall / 1_000_000_000, newest + 1)
            try ledger.setNewestSecond(second)
            return names.archive(second)
        case .numbered:
            // Only those in an unbroken row from 1 stand in the way.
            var count: Int64 = 0
            for archive in archives.reversed() where archive.order == -(count + 1) { count += 1 }
            for number in stride(from: count, to: 0, by: -1) {
                try Folder.rename(names.archive(-number), to: names.archive(-number - 1))
                atStep(.shifted)
            }
            return names.archive(-1)
        }
    }
}
