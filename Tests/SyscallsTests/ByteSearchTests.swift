import Syscalls
import Testing

/// The searches against loops that cannot be wrong.
struct ByteSearchTests {
    private func naive(_ needle: [UInt8], _ bytes: [UInt8], _ start: Int) -> Int? {
        guard bytes.count >= needle.count, start <= bytes.count - needle.count else { return nil }
        return (start...bytes.count - needle.count).first {
            Array(bytes[$0..<$0 + needle.count]) == needle
        }
    }

    @Test func `finds what a loop finds, at every start and every alignment`() {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<300 {
            // Two letters, so that near hits are common.
            let bytes = (0..<Int.random(in: 0...150, using: &generator)).map { _ in
                UInt8.random(in: 97...98, using: &generator)
            }
            let needle = (0..<Int.random(in: 1...6, using: &generator)).map { _ in
                UInt8.random(in: 97...98, using: &generator)
            }
            for start in 0...bytes.count {
                #expect(
                    ByteSearch.first(needle.span, in: bytes.span, from: start)
                        == naive(needle, bytes, start))
                #expect(
                    ByteSearch.first(needle[0], in: bytes.span, from: start)
                        == naive([needle[0]], bytes, start))
                #expect(
                    ByteSearch.last(needle[0], in: bytes.span, before: start)
                        == bytes[..<start].lastIndex(of: needle[0]))
            }
        }
    }

    @Test func `finds a marker that ends with the block, and none that is cut off`() {
        let block = [UInt8](repeating: 0x78, count: 1_000) + Array("STAGE_TIMINGS ".utf8)
        let marker = Array("STAGE_TIMINGS ".utf8)
        #expect(ByteSearch.first(marker.span, in: block.span, from: 0) == 1_000)
        let cut = Array(block.dropLast())
        #expect(ByteSearch.first(marker.span, in: cut.span, from: 0) == nil)
    }
}
