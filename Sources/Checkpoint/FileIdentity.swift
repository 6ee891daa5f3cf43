/// What the file system says about which file this is.
///
/// A device and inode number alone do not name a file for long: ext4 hands a freed inode to the
/// next file at once. The birth time tells the two apart where the file system keeps one.
public struct FileIdentity: Hashable, Sendable {
    /// The device's number; may change when the machine starts again.
    public var device: UInt64
    /// The inode's number.
    public var inode: UInt64
    /// When the inode came into being, nanoseconds since the epoch; nil where it is not kept.
    public var birth: Int64?

    /// An identity from its parts.
    public init(device: UInt64, inode: UInt64, birth: Int64?) {
        self.device = device
        self.inode = inode
        self.birth = birth
    }

    /// Whether both name the same file, as far as both know: a birth time that only one has
    /// proves nothing, and neither does a device number across a restart of the machine.
    public func isSameFile(as other: FileIdentity) -> Bool {
        guard inode == other.inode else { return false }
        if let birth, let otherBirth = other.birth { return birth == otherBirth }
        return device == other.device
    }
}
