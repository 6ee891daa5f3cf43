/// Where reading of a generation stands, and how to know that generation again.
public struct Position: Hashable, Sendable {
    /// The file as the file system names it.
    public var identity: FileIdentity
    /// Just past the last complete line whose effects are recorded, in bytes from the start of
    /// the generation, decompressed.
    public var offset: Int64
    /// What the bytes before the offset say.
    public var fingerprint: Fingerprint

    /// A position from its parts.
    public init(identity: FileIdentity, offset: Int64, fingerprint: Fingerprint) {
        self.identity = identity
        self.offset = offset
        self.fingerprint = fingerprint
    }

    /// The column `fingerprint` of a checkpoint:
    /// `1 birth=<ns or -> head=<length>:<digest> tail=<length>:<digest>`.
    public var fingerprintText: String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(160)
        bytes.append(text: "1 birth=")
        if let birth = identity.birth {
            bytes.append(decimal: birth)
        } else {
            bytes.append(text: "-")
        }
        bytes.append(text: " head=")
        fingerprint.head.append(to: &bytes)
        bytes.append(text: " tail=")
        fingerprint.tail.append(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// A position from the columns of a checkpoint; nil where the text is not of a known version.
    public init?(device: UInt64, inode: UInt64, offset: Int64, fingerprintText: String) {
        let fields = fingerprintText.split(separator: " ", omittingEmptySubsequences: false)
        guard offset >= 0, fields.count == 4, fields[0] == "1",
            fields[1].hasPrefix("birth="), fields[2].hasPrefix("head="),
            fields[3].hasPrefix("tail="),
            let head = Fingerprint.Stretch(text: fields[2].dropFirst("head=".count)),
            let tail = Fingerprint.Stretch(text: fields[3].dropFirst("tail=".count))
        else { return nil }
        let birthText = fields[1].dropFirst("birth=".count)
        let birth = Int64(birthText)
        guard birth != nil || birthText == "-" else { return nil }
        self.init(
            identity: FileIdentity(device: device, inode: inode, birth: birth), offset: offset,
            fingerprint: Fingerprint(head: head, tail: tail))
    }
}
