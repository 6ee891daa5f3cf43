import Checkpoint
import Testing

@testable import LogTail

/// A trail stays small and keeps its ends.
@Suite struct TrailTests {
    private func stretch(_ offset: Int64) -> Fingerprint.Stretch {
        Fingerprint.Stretch(of: Array("\(offset)".utf8))
    }

    @Test func `keeps the first and the last places, and never more than its limit`() {
        var trail = Trail()
        for offset in stride(from: Int64(10), through: 10_000, by: 10) {
            trail.add(offset, stretch(offset))
            #expect(trail.marks.count <= Trail.limit)
            #expect(trail.marks.first?.offset == 10)
            #expect(trail.marks.last?.offset == offset)
            #expect(trail.marks.allSatisfy { $0.tail == stretch($0.offset) })
        }
        let offsets = trail.marks.map(\.offset)
        #expect(offsets == offsets.sorted())
        // Close together near the end.
        #expect(
            offsets.suffix(8).elementsEqual(
                (9_993...10_000).map { $0 - 9_993 }.map { 9_930 + 10 * $0 }))
    }

    @Test func `takes no place that is not further on`() {
        var trail = Trail()
        trail.add(10, stretch(10))
        trail.add(10, stretch(11))
        trail.add(4, stretch(4))
        #expect(trail.marks == [Trail.Mark(offset: 10, tail: stretch(10))])
    }

    @Test func `finds the furthest place within a length`() {
        var trail = Trail()
        for offset in [10, 20, 30] as [Int64] { trail.add(offset, stretch(offset)) }
        #expect(trail.last(within: 9) == nil)
        #expect(trail.last(within: 10)?.offset == 10)
        #expect(trail.last(within: 29)?.offset == 20)
        #expect(trail.cut(to: 20).marks.map(\.offset) == [10, 20])
    }
}
