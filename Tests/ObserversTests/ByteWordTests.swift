import TestSupport
import Testing

@testable import Observers

struct ByteWordTests {
    private static func word(_ bytes: [UInt8], at index: Int = 0) -> ByteWord? {
        ByteWord(bytes.span, at: index)
    }

    @Test func `takes eight bytes or none`() {
        let bytes = Array("012345678".utf8)
        #expect(Self.word(bytes, at: 1)?.bits == 0x3837_3635_3433_3231)
        #expect(Self.word(bytes, at: 2) == nil)
        #expect(Self.word([]) == nil)
    }

    @Test func `the first mark is exact, whatever the bytes`() throws {
        var random = SeededGenerator(for: "byte words")
        for _ in 0..<20_000 {
            let few: [UInt8] = [0, 0x1F, 0x20, 0x22, 0x23, 0x30, 0x39, 0x3A, 0x80, 0xFF]
            let bytes = (0..<8).map { _ in
                Bool.random(using: &random)
                    ? few.randomElement(using: &random) ?? 0
                    : UInt8.random(in: 0...255, using: &random)
            }
            let word = try #require(Self.word(bytes))
            let quote = ByteWord.count(before: word.marks(of: 0x22))
            #expect(quote == bytes.firstIndex(of: 0x22) ?? 8)
            let control = ByteWord.count(before: word.marks(below: 0x20))
            #expect(control == bytes.firstIndex { $0 < 0x20 } ?? 8)
            let beyond = ByteWord.count(before: word.marksBeyondASCII)
            #expect(beyond == bytes.firstIndex { $0 >= 0x80 } ?? 8)
            #expect(word.leadingDigits == bytes.firstIndex { !(0x30...0x39).contains($0) } ?? 8)
        }
    }

    @Test func `reads as many digits as are asked for`() throws {
        let word = try #require(Self.word(Array("90817263".utf8)))
        for count in 1...8 {
            #expect(word.number(ofDigits: count) == UInt64("90817263".prefix(count)))
        }
    }

    @Test func `spans of any length are the same or differ in any byte`() {
        for length in 0..<40 {
            let bytes = (0..<length).map { UInt8(truncatingIfNeeded: $0 * 37) }
            #expect(Self.same(bytes, bytes))
            for index in bytes.indices {
                var other = bytes
                other[index] ^= 1
                #expect(!Self.same(bytes, other))
            }
        }
    }

    private static func same(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        left.span.hasSameBytes(as: right.span)
    }
}
