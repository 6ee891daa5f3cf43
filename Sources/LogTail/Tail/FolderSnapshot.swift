internal import Syscalls

/// What a folder held at one moment, for tails that begin together.
///
/// Each tail looks for its siblings. Were a thousand of them to list a folder of a thousand names
/// for themselves, that would be most of what starting takes. It holds for as long as the folder
/// is the same and has not changed; a change within the tick of the clock that marks it shows only
/// where a name stands for another file.
struct FolderSnapshot {
    /// Listings of a folder until two in a row are the same.
    private static let attempts = 10

    private let folder: String
    /// The folder, as it was before the listing.
    private let folderStatus: FileStatus?
    /// By name.
    private let entries: [Folder.Entry]

    /// What the folder holds now; nil where there is none, or where it does not keep still.
    init?(of folder: String) throws(SystemCallError) {
        self.folder = folder
        folderStatus = try FileStatus(path: folder)
        let settled = try Folder.settled(
            attempts: Self.attempts, { () throws(SystemCallError) in try Self.list(folder) },
            by: ==)
        guard let listing = settled, let entries = listing else { return nil }
        self.entries = entries
    }

    private static func list(_ folder: String) throws(SystemCallError) -> [Folder.Entry]? {
        try Folder.entries(in: folder)?.sorted { isBefore($0.name, $1.name) }
    }

    /// True where no name has come, gone or changed since.
    func isCurrent() throws(SystemCallError) -> Bool {
        try FileStatus(path: folder) == folderStatus
    }

    /// The names that begin with `prefix`.
    func names(startingWith prefix: String) -> [String] {
        entries[first(notBefore: prefix)...].prefix { $0.name.utf8.starts(with: prefix.utf8) }
            .map(\.name)
    }

    /// The status of the file under a name; nil where it is not the one that was there then.
    func status(_ name: String) throws(SystemCallError) -> FileStatus? {
        let index = first(notBefore: name)
        guard index < entries.endIndex, entries[index].name == name,
            let status = try FileStatus(path: folder + "/" + name),
            status.inode == entries[index].inode
        else { return nil }
        return status
    }

    /// Where the first name is that does not come before another.
    private func first(notBefore name: String) -> Int {
        var range = entries.indices
        while !range.isEmpty {
            let middle = range.lowerBound + range.count / 2
            range =
                Self.isBefore(entries[middle].name, name)
                ? middle + 1..<range.upperBound : range.lowerBound..<middle
        }
        return range.lowerBound
    }

    private static func isBefore(_ name: String, _ other: String) -> Bool {
        name.utf8.lexicographicallyPrecedes(other.utf8)
    }
}
