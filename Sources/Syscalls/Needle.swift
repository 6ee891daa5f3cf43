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
        // Another byte than the first: two alike tell less.
        second = byRarity.dropFirst().first { bytes[$0] != bytes[rarest] } ?? rarest
    }

    /// The letters of English from the most frequent on (P. Norvig, 2012). Which letters are
    /// chosen matters: the S and T of STAGE_TIMINGS are in every POST, and took as long as reading
    /// the file; its G and M took a fifth of that.
    private static let letters = Array("etaoinsrhldcumfpgwybvkxjqz".utf8)

    /// How often a byte stands in the lines of a log, roughly: 0 for the rarest.
    private static func frequency(of byte: UInt8) -> Int {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"):
            letters.count - (letters.firstIndex(of: byte | 0x20) ?? 0)
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: " "): 200
        case UInt8(ascii: "a")...UInt8(ascii: "z"):
            100 + letters.count - (letters.firstIndex(of: byte) ?? 0)
        case 0x21..<0x7F: 50
        default: 0
        }
    }
}
