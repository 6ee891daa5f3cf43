/// Eight bytes of a line in one register, so that a scan costs a few instructions for eight bytes
/// and not for each. Reading them one by one took half of the time a line costs.
///
/// The first byte is the lowest. The tests mark a byte by its highest bit; of the marks only the
/// lowest is exact, since a borrow or carry may mark the bytes after it (S. E. Anderson, "Bit
/// Twiddling Hacks").
struct ByteWord {
    /// Bytes in a word.
    static let width = 8

    private static let ones: UInt64 = 0x0101_0101_0101_0101
    private static let highs: UInt64 = 0x8080_8080_8080_8080

    /// The bytes.
    let bits: UInt64

    /// The bytes from `index` on; nil where fewer than eight are left.
    @inline(__always)
    init?(_ line: Span<UInt8>, at index: Int) {
        guard Self.width <= line.count &- index else { return nil }
        // SAFETY: every pattern of bits is a number; the span checks that it holds these bytes.
        let bits = unsafe UInt64(
            littleEndian: line.bytes.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self))
        self.init(bits: bits)
    }

    /// The bytes from `index` on, where `line` holds at least one word at all; zeros stand for
    /// those past its end.
    @inline(__always)
    init?(padding line: Span<UInt8>, at index: Int) {
        let left = line.count &- index
        guard left < Self.width else {
            self.init(line, at: index)
            return
        }
        guard left > 0, line.count >= Self.width else { return nil }
        // SAFETY: every pattern of bits is a number; the span checks that it holds these bytes.
        let last = unsafe UInt64(
            littleEndian: line.bytes.unsafeLoadUnaligned(
                fromByteOffset: line.count &- Self.width, as: UInt64.self))
        self.init(bits: last &>> UInt64(8 &* (Self.width &- left)))
    }

    /// A word of these bits.
    private init(bits: UInt64) {
        self.bits = bits
    }

    /// The byte at `index` of the word.
    @inline(__always)
    subscript(index: Int) -> UInt8 { UInt8(truncatingIfNeeded: bits &>> UInt64(8 * index)) }

    /// The word without its first `count` bytes, and zeros after the others.
    @inline(__always)
    func dropping(_ count: Int) -> ByteWord { ByteWord(bits: bits &>> UInt64(8 &* count)) }

    /// Marks the bytes that are `byte`.
    @inline(__always)
    func marks(of byte: UInt8) -> UInt64 {
        let difference = bits ^ (Self.ones &* UInt64(byte))
        return (difference &- Self.ones) & ~difference & Self.highs
    }

    /// Marks the bytes below `limit`, which is at most 128.
    @inline(__always)
    func marks(below limit: UInt8) -> UInt64 {
        (bits &- Self.ones &* UInt64(limit)) & ~bits & Self.highs
    }

    /// Marks the bytes that a JSON string has to escape.
    @inline(__always)
    var marksEscapedInJSON: UInt64 {
        marks(of: UInt8(ascii: "\"")) | marks(of: UInt8(ascii: "\\")) | marks(below: 0x20)
    }

    /// Marks the bytes beyond ASCII.
    @inline(__always)
    var marksBeyondASCII: UInt64 { bits & Self.highs }

    /// How many bytes come before the first that is marked; ``width`` where none is.
    @inline(__always)
    static func count(before marks: UInt64) -> Int { marks.trailingZeroBitCount >> 3 }

    /// How many decimal digits the word begins with.
    @inline(__always)
    var leadingDigits: Int {
        let high = Self.ones &* 0xF0
        let zeros = Self.ones &* UInt64(UInt8(ascii: "0"))
        // A digit has 3 as its upper half, and still has it with 6 added.
        let others = ((bits & high) ^ zeros) | (((bits &+ Self.ones &* 6) & high) ^ zeros)
        return Self.count(before: others)
    }

    /// The number that the first `count` bytes write, all of them digits; `count` is from 1 to 8.
    @inline(__always)
    func number(ofDigits count: Int) -> UInt64 {
        // Digits before the first one are zeros. Neighbours are joined to pairs, fours and eight.
        let digits = (bits & (Self.ones &* 0x0F)) &<< UInt64(64 - 8 * count)
        let pairs = digits &* 10 &+ digits &>> 8
        let even = (pairs & 0x0000_00FF_0000_00FF) &* (100 + 1_000_000 << 32)
        let odd = (pairs &>> 16 & 0x0000_00FF_0000_00FF) &* (1 + 10_000 << 32)
        return (even &+ odd) &>> 32
    }
}
