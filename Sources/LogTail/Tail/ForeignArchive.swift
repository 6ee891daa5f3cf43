internal import Syscalls

/// A rotated sibling that is compressed in a way that is not read, as a checkpoint keeps it.
///
/// Only the youngest there was is kept: those that lie before it are known too. An inode alone
/// would be given to the next one soon, and renaming changes neither.
struct ForeignArchive: Equatable, Decodable {
    let inode: UInt64
    let modified: Int64

    init(_ file: ChainFile) {
        inode = file.status.inode
        modified = file.status.modified
    }

    /// Writes the object that is read back.
    func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("inode", inode)
            json.field("modified", modified)
        }
    }
}

extension TailedFile {
    /// Tells of siblings that would have to be read and cannot be, once; `chain` holds all files
    /// there are.
    func tell(unreadable: [ChainFile], in chain: [ChainFile]) {
        let archives = chain.filter { $0.foreignCompression != nil }
        let known = archives.lastIndex { ForeignArchive($0) == youngestForeign }
        let new = known.map { archives[($0 + 1)...] } ?? archives[...]
        for file in new where unreadable.contains(where: { $0 === file }) {
            let way = file.foreignCompression ?? ""
            report(
                Notice(.archiveUnreadable, offset: 0) { json in
                    json.field("file", file.path)
                    json.field("reason", "compressed with \(way), which logtail does not read")
                })
        }
        youngestForeign = archives.last.map(ForeignArchive.init) ?? youngestForeign
    }
}
