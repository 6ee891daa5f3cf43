/// What a generation's bytes say about which log this is: a digest of its head and one of the
/// bytes just before a position.
///
/// The head grows with what was read, from the first byte up to ``headBytes``, so that a small
/// log has one too; the tail sees what a head cannot: two logs that begin alike, and a file that
/// was truncated and has grown past the position again.
public struct Fingerprint: Hashable, Sendable {
    /// Bytes of the head that are digested at most.
    public static let headBytes = 1_024

    /// Bytes before the position that are digested at most; one read of a line's worth.
    public static let tailBytes = 64

    /// The first bytes of the generation, as far as they lie before the position.
    public var head: Stretch
    /// The bytes just before the position.
    public var tail: Stretch

    /// A run of bytes, by length and digest.
    public struct Stretch: Hashable, Sendable {
        /// How many bytes.
        public var length: Int
        /// Their digest.
        public var digest: Digest

        /// The stretch that is those bytes.
        public init(of bytes: [UInt8]) {
            length = bytes.count
            digest = Digest(of: bytes.span)
        }

        init(length: Int, digest: Digest) {
            self.length = length
            self.digest = digest
        }

        /// No bytes at all, which every log begins with.
        public static let empty = Stretch(of: [])

        /// `<length>:<digest>`.
        public var text: String {
            var bytes: [UInt8] = []
            append(to: &bytes)
            return String(decoding: bytes, as: UTF8.self)
        }

        /// Appends that to text that is being made: a checkpoint has many of them.
        public func append(to bytes: inout [UInt8]) {
            bytes.append(decimal: Int64(length))
            bytes.append(UInt8(ascii: ":"))
            digest.appendHex(to: &bytes)
        }

        /// A stretch from its text; nil where it is not one.
        public init?(text: some StringProtocol) {
            let parts = text.split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count == 2, let length = Int(parts[0]), length >= 0,
                let digest = Digest(hex: parts[1])
            else { return nil }
            self.init(length: length, digest: digest)
        }
    }

    /// A fingerprint from its stretches.
    public init(head: Stretch, tail: Stretch) {
        self.head = head
        self.tail = tail
    }

    /// The fingerprint at the first byte of any log.
    public static let empty = Fingerprint(head: .empty, tail: .empty)
}
