import Testing

@testable import Checkpoint

/// Digests are the first half of a SHA-256, as anyone can work out.
@Suite struct DigestTests {
    /// FIPS 180-4's examples and others, cut to 16 bytes.
    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb924"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039"
        ),
        ("The quick brown fox jumps over the lazy dog", "d7a8fbb307d7809469ca9abcb0082e4f"),
    ])
    func `bytes have their known digest`(_ text: String, _ hex: String) {
        #expect(Digest(of: Array(text.utf8).span).hex == hex)
    }

    @Test func `a million bytes have their known digest`() {
        let bytes = [UInt8](repeating: UInt8(ascii: "a"), count: 1_000_000)
        #expect(Digest(of: bytes.span).hex == "cdc76e5c9914fb9281a1c7e284d73e67")
    }

    @Test func `lists of pieces that run together alike differ`() {
        let lists = [[], [""], ["", ""], ["ab"], ["a", "b"], ["ab", ""]]
        #expect(Set(lists.map { Digest(of: $0) }).count == lists.count)
    }

    @Test func `the text reads back, leading zeros included`() throws {
        for hex in ["00000000000000000000000000000000", "0000000000000001000000000000000f"] {
            #expect(try #require(Digest(hex: hex)).hex == hex)
        }
    }

    @Test(arguments: [
        "", "0", "000000000000000000000000000000000", "g0000000000000000000000000000000",
        "+000000000000000000000000000000a", "0000000000000000+00000000000000a",
        "-0000000000000000000000000000001",
    ])
    func `what is not 32 hexadecimal digits is no digest`(_ text: String) {
        #expect(Digest(hex: text) == nil)
    }
}
