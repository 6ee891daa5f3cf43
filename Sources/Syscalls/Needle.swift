/// A text that blocks are searched for, with the two of its bytes that are rarest in logs.
///
/// The search looks for both at once and compares the rest only where they stand; the rarer they
/// are, the less it stops.
public struct Needle: Sendable {
    /// What is searched for.
    let bytes: [UInt8]
    /// Where the rarest byte is in it.
    let first: Int
    /// Where the next rarest is, apart from the first where the text has more than one byte.
    let second: Int

    /// A needle for a text of at least one byte; nil for an empty one.
    public init?(_ text: String) {
        let bytes = Array(text.utf8)
        let byRarity = bytes.indices.sorted { left, right in
            (Self.frequency(of: bytes[left]), left) < (Self.frequency(of: bytes[right]), right)
        }
        guard let rarest = byRarity.first else { return nil }
        self.bytes = bytes
        first = rarest
        second = byRarity.count > 1 ? byRarity[1] : rarest
    }

    /// How often a byte stands in the lines of a log, roughly: 0 for the rarest.
    private static func frequency(of byte: UInt8) -> Int {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): 1
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: " "): 4
        case UInt8(ascii: "a")...UInt8(ascii: "z"): 3
        case 0x21..<0x7F: 2
        default: 0
        }
    }
}
