internal import Checkpoint
public import Syscalls

/// A file of a chain, as it was when the chain was listed; opened when its bytes are asked for.
final class ChainFile {
    let path: String
    let status: FileStatus
    /// True for the file at the followed path itself.
    let isLive: Bool
    /// Where the followed path leads, where that is a symlink.
    let target: String?
    private var opened: (any ByteSource)?

    init(path: String, _ status: FileStatus, isLive: Bool, target: String?) {
        self.path = path
        self.status = status
        self.isLive = isLive
        self.target = target
    }

    var identity: FileIdentity { status.identity }

    var isCompressed: Bool { RotationChain.Compression(of: path) == .gzip }

    /// The name of the way in which a sibling is compressed that cannot be read.
    var foreignCompression: String? {
        guard !isLive, case .foreign(let name) = RotationChain.Compression(of: path) else {
            return nil
        }
        return name
    }

    /// The file's bytes; fails as for a missing one where the path leads to another by now.
    func source() throws(SystemCallError) -> any ByteSource {
        if let opened { return opened }
        try status.requireRegular(path)
        let source = try openLog(path)
        guard try source.status().identity == identity else {
            throw SystemCallError(missing: path)
        }
        opened = source
        return source
    }

    func isUnmoved(since other: ChainFile) -> Bool {
        path == other.path && identity == other.identity && target == other.target
    }
}

/// Opens a log for reading; one that is compressed is decompressed on the way.
func openLog(_ path: String) throws(SystemCallError) -> any ByteSource {
    let descriptor = try FileDescriptor(openingToRead: path)
    let isCompressed = try GzipReader.reads(path, descriptor)
    return isCompressed ? GzipReader(descriptor) : PlainFile(descriptor)
}

/// Whether the log at `path` is a gzip file, so that positions in it are not places in the file.
public func isCompressedLog(_ path: String) throws(SystemCallError) -> Bool {
    try GzipReader.reads(path, FileDescriptor(openingToRead: path))
}

extension GzipReader {
    /// Whether a file is a gzip file, by its name or its first bytes.
    fileprivate static func reads(
        _ path: String, _ descriptor: borrowing FileDescriptor
    ) throws(SystemCallError) -> Bool {
        if path.hasSuffix(".gz") { return true }
        var start = [UInt8](repeating: 0, count: magic.count)
        let count = try descriptor.read(into: &start, 0..<start.count, at: 0)
        return count == start.count && start == magic
    }
}
