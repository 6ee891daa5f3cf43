internal import CNettle

/// A 128-bit digest: the first half of a SHA-256.
///
/// It names events and recognises logs. Logs are written by strangers, so a hash that can be
/// steered would not do.
public struct Digest: Hashable, Comparable, Sendable {
    /// Bytes of a digest.
    public static let byteCount = 16

    private let high: UInt64
    private let low: UInt64

    /// The digest of `pieces`, one after the other, each preceded by its length so that no two
    /// lists of pieces read alike.
    public init(of pieces: [String]) {
        var hash = Hash()
        for piece in pieces {
            let bytes = piece.utf8.span
            hash.update(UInt64(bytes.count))
            hash.update(bytes)
        }
        self = hash.finish()
    }

    /// The digest of the bytes alone.
    public init(of bytes: Span<UInt8>) {
        var hash = Hash()
        hash.update(bytes)
        self = hash.finish()
    }

    fileprivate init(bigEndian bytes: InlineArray<16, UInt8>) {
        var high: UInt64 = 0
        var low: UInt64 = 0
        for index in 0..<8 {
            high = high << 8 | UInt64(bytes[index])
            low = low << 8 | UInt64(bytes[index + 8])
        }
        self.high = high
        self.low = low
    }

    /// A digest from its 32 hexadecimal digits; nil where they are not.
    public init?(hex: some StringProtocol) {
        guard hex.utf8.count == 32, hex.allSatisfy(\.isHexDigit),
            let high = UInt64(hex.prefix(16), radix: 16),
            let low = UInt64(hex.suffix(16), radix: 16)
        else { return nil }
        self.high = high
        self.low = low
    }

    /// The order of the hexadecimal digits: any one will do that is the same everywhere.
    public static func < (left: Digest, right: Digest) -> Bool {
        (left.high, left.low) < (right.high, right.low)
    }

    /// 32 lower-case hexadecimal digits.
    public var hex: String {
        var bytes: [UInt8] = []
        appendHex(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Appends those digits to text that is being made.
    public func appendHex(to bytes: inout [UInt8]) {
        bytes.append(addingCapacity: 2 * Self.byteCount) { output in
            Self.append(high, to: &output)
            Self.append(low, to: &output)
        }
    }

    private static func append(_ word: UInt64, to output: inout OutputSpan<UInt8>) {
        var left = word
        for _ in 0..<16 {
            let digit = UInt8(truncatingIfNeeded: left &>> 60)
            output.append(digit &+ (digit < 10 ? UInt8(ascii: "0") : UInt8(ascii: "a") &- 10))
            left = left &<< 4
        }
    }

    /// SHA-256 in progress.
    struct Hash {
        private var context = sha256_ctx()

        init() {
            // SAFETY: nettle fills the context it is given.
            unsafe nettle_sha256_init(&context)
        }

        mutating func update(_ bytes: Span<UInt8>) {
            // SAFETY: nettle reads exactly `count` bytes from the base of the buffer it is given.
            unsafe bytes.withUnsafeBufferPointer { buffer in
                unsafe nettle_sha256_update(&context, buffer.count, buffer.baseAddress)
            }
        }

        mutating func update(_ number: UInt64) {
            var bytes = InlineArray<8, UInt8>(repeating: 0)
            for index in 0..<8 {
                bytes[index] = UInt8(truncatingIfNeeded: number &>> UInt64(56 - 8 * index))
            }
            update(bytes.span)
        }

        mutating func finish() -> Digest {
            var bytes = InlineArray<16, UInt8>(repeating: 0)
            var span = bytes.mutableSpan
            // SAFETY: nettle writes exactly the 16 bytes it is asked for.
            unsafe span.withUnsafeMutableBufferPointer { buffer in
                unsafe nettle_sha256_digest(&context, buffer.count, buffer.baseAddress)
            }
            return Digest(bigEndian: bytes)
        }
    }
}
