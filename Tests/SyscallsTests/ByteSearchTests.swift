import Syscalls
import Testing

struct ByteSearchTests {
    /// Texts of one byte, of rare and of common bytes, and of the same byte again and again.
    private static let texts = ["x", "ab", "aaaa", "STAGE_TIMINGS ", "abababab", "é→"]

    @Test(arguments: texts)
    func `finds the first place wherever it is in the block`(_ text: String) throws {
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

    @Test func `agrees with looking at every place, in blocks full of false hits`() throws {
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
                let expected = (start..<max(start, block.count - bytes.count + 1)).first {
                    block[$0..<$0 + bytes.count].elementsEqual(bytes)
                }
                #expect(
                    ByteSearch.first(needle, in: block.span, from: start) == expected,
                    "\(text) in \(block) from \(start)")
            }
        }
    }

    @Test func `a needle has at least one byte`() {
        #expect(Needle("") == nil)
    }

    @Test func `finds the lines around a place`() {
        let bytes = Array("one\ntwo\nthree".utf8)
        let newline = UInt8(ascii: "\n")
        #expect(ByteSearch.first(newline, in: bytes.span, from: 4) == 7)
        #expect(ByteSearch.last(newline, in: bytes.span, before: 7) == 3)
        #expect(ByteSearch.first(newline, in: bytes.span, from: 8) == nil)
        #expect(ByteSearch.last(newline, in: bytes.span, before: 3) == nil)
    }
}
