import Syscalls
import TestSupport
import Testing

/// The searches against loops that cannot be wrong.
struct ByteSearchTests {
    /// Texts of one byte, of rare and of common bytes, and of the same byte again and again.
    private static let texts = ["x", "ab", "aaaa", "STAGE_TIMINGS ", "abababab", "é→"]

    private func naive(_ needle: [UInt8], _ bytes: [UInt8], _ start: Int) -> Int? {
        guard bytes.count >= needle.count, start <= bytes.count - needle.count else { return nil }
        return (start...bytes.count - needle.count).first {
            bytes[$0..<$0 + needle.count].elementsEqual(needle)
        }
    }

    @Test(arguments: texts)
    func `finds a text wherever it is in the block`(_ text: String) throws {
        let needle = try #require(Needle(text))
        let bytes = Array(text.utf8)
        for size in [bytes.count, 127, 128, 160, 300] where size >= bytes.count {
            for place in 0...size - bytes.count {
                var block = [UInt8](repeating: UInt8(ascii: "."), count: size)
                block.replaceSubrange(place..<place + bytes.count, with: bytes)
                #expect(ByteSearch.first(needle, in: block.span, from: 0) == place)
                #expect(ByteSearch.first(needle, in: block.span, from: place) == place)
                #expect(ByteSearch.first(needle, in: block.span, from: place + 1) == nil)
            }
        }
    }

    @Test func `finds what a loop finds in blocks full of near hits`() throws {
        var random = SeededGenerator(for: "byte search")
        for text in Self.texts {
            let needle = try #require(Needle(text))
            let bytes = Array(text.utf8)
            for _ in 0..<200 {
                let block = (0..<Int.random(in: 0...600, using: &random)).map { _ in
                    Int.random(in: 0..<4, using: &random) == 0
                        ? UInt8(ascii: "\n") : bytes.randomElement(using: &random) ?? 0
                }
                let start = Int.random(in: 0...block.count, using: &random)
                #expect(
                    ByteSearch.first(needle, in: block.span, from: start)
                        == naive(bytes, block, start), "\(text) in \(block) from \(start)")
                #expect(
                    ByteSearch.first(bytes[0], in: block.span, from: start)
                        == naive([bytes[0]], block, start))
                #expect(
                    ByteSearch.last(bytes[0], in: block.span, before: start)
                        == block[..<start].lastIndex(of: bytes[0]))
            }
        }
    }

    @Test func `finds a marker that ends with the block, and none that is cut off`() throws {
        let block = [UInt8](repeating: 0x78, count: 1_000) + Array("STAGE_TIMINGS ".utf8)
        let marker = try #require(Needle("STAGE_TIMINGS "))
        #expect(ByteSearch.first(marker, in: block.span, from: 0) == 1_000)
        let cut = Array(block.dropLast())
        #expect(ByteSearch.first(marker, in: cut.span, from: 0) == nil)
    }

    @Test func `a needle has at least one byte`() {
        #expect(Needle("") == nil)
    }
}
