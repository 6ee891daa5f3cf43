internal import Checkpoint
internal import Syscalls

/// Finds the files that belong to a followed path: its rotated siblings and the live file.
struct SiblingFinder {
    /// A file of the chain.
    struct Candidate {
        let path: String
        let status: FileStatus
        /// True for the file at the followed path itself.
        let isLive: Bool
    }

    /// The followed path.
    let path: String
    private let archives: String
    private let chain: RotationChain

    /// A finder for `path`, whose siblings lie in `archives`, or beside it.
    init(path: String, archives: String?) {
        self.path = path
        let (folder, base) = path.splitAtLastSlash
        self.archives = archives ?? folder
        chain = RotationChain(base: base)
    }

    /// Every file of the chain that is there now, oldest first, the live one last.
    func candidates() throws(SystemCallError) -> [Candidate] {
        var found: [Candidate] = []
        for sibling in chain.siblings(among: try Folder.names(in: archives) ?? []) {
            let path = archives + "/" + sibling.name
            // Between the listing and here a rotation may go on; it will be reported.
            guard let status = try? FileStatus(path: path), status.kind == .regular else {
                continue
            }
            found.append(Candidate(path: path, status: status, isLive: false))
        }
        if let status = try FileStatus(path: path) {
            // A live name may point at a sibling: it is one file, and the live one.
            found.removeAll { $0.status.identity == status.identity }
            found.append(Candidate(path: path, status: status, isLive: true))
        }
        return found
    }

    /// Whether a name in the folder of the siblings belongs to the chain.
    func isSibling(_ name: String) -> Bool {
        chain.sibling(named: name) != nil
    }
}

extension SiblingFinder.Candidate {
    /// Opens the file; fails as for a missing one where the path leads to another by now.
    func open() throws(SystemCallError) -> any ByteSource {
        let source = try openLog(path)
        guard try source.status().identity == status.identity else {
            throw SystemCallError(missing: path)
        }
        return source
    }

    /// Whether the file holds the bytes that the fingerprint of `position` was taken of.
    func holds(_ position: Position) throws(SystemCallError) -> Bool {
        try open().holds(position)
    }
}

/// Opens a log for reading; one that is a gzip file by its name or its first bytes is
/// decompressed on the way.
func openLog(_ path: String) throws(SystemCallError) -> any ByteSource {
    let descriptor = try FileDescriptor(openingToRead: path)
    if path.hasSuffix(".gz") { return GzipReader(descriptor) }
    var start = [UInt8](repeating: 0, count: GzipReader.magic.count)
    let count = try descriptor.read(into: &start, 0..<start.count, at: 0)
    if count == start.count && start == GzipReader.magic { return GzipReader(descriptor) }
    return PlainFile(descriptor)
}

extension String {
    /// A path's folder and its last name; the working folder is `.`.
    var splitAtLastSlash: (folder: String, name: String) {
        guard let slash = lastIndex(of: "/") else { return (".", self) }
        let folder = slash == startIndex ? "/" : String(self[..<slash])
        return (folder, String(self[index(after: slash)...]))
    }
}
