public import Checkpoint
public import Syscalls

/// The bytes of one generation, plain or decompressed.
protocol ByteSource: AnyObject {
    /// Reads at `offset` into a range of `bytes`; 0 at the end. An archive is read forwards, and
    /// starts over where `offset` lies before what was read last.
    func read(
        into bytes: inout [UInt8], _ range: Range<Int>, at offset: Int64
    ) throws(SystemCallError) -> Int

    /// True where the bytes can still change: a file that may grow, shrink or be overwritten.
    var isLive: Bool { get }

    /// The number of the open file, for a watch on the very inode.
    var descriptorNumber: Int32 { get }

    /// What the file system says of the file now.
    func status() throws(SystemCallError) -> FileStatus
}

/// A log as it lies on the disk.
final class PlainFile: ByteSource, Sendable {
    /// The open file; it keeps the inode alive whatever happens to its names.
    private let descriptor: FileDescriptor

    init(_ descriptor: consuming FileDescriptor) {
        self.descriptor = descriptor
    }

    var isLive: Bool { true }

    var descriptorNumber: Int32 { descriptor.number }

    func read(
        into bytes: inout [UInt8], _ range: Range<Int>, at offset: Int64
    ) throws(SystemCallError) -> Int {
        try descriptor.read(into: &bytes, range, at: offset)
    }

    func status() throws(SystemCallError) -> FileStatus {
        try FileStatus(of: descriptor)
    }
}

extension FileStatus {
    /// The identity of the file.
    public var identity: FileIdentity {
        FileIdentity(device: device, inode: inode, birth: birth)
    }
}
