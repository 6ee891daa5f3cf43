import Foundation
import Syscalls
import TestSupport
import Testing

@testable import LogTail

/// What is read ahead, without the thread that does it.
@Suite struct LinesAheadTests {
    private func errand(_ folder: TemporaryFolder, _ bytes: Data, marker: String?) throws -> Errand
    {
        try bytes.write(to: URL(fileURLWithPath: folder("a.log")))
        let file = PlainFile(try FileDescriptor(openingToRead: folder("a.log")))
        return Errand(file, ReadProgress(), LineScanner(marker: marker), limit: 1 << 20)
    }

    /// A read that does not fill a block is taken for one that found the end, after which only a
    /// change that is reported leads to another.
    @Test(arguments: [8, 9])
    func `a block that is not whole is left to whoever hears of changes`(_ blocks: Int) throws {
        let folder = try TemporaryFolder()
        let whole = Int64(blocks * LineBuffer.blockBytes)
        let bytes = Data(String(repeating: "line\n", count: Int(whole) / 5 + 20).utf8)
        #expect(bytes.count > whole)
        var errand = try errand(folder, bytes, marker: "MARK")
        var buffer = LineBuffer()
        var lines = LinesAhead()
        while lines.fill(for: &errand, &buffer) {}
        #expect(lines.progress.readOffset == whole)
        #expect(lines.progress.largestSize == whole)
    }

    @Test func `lines without bytes fill a stretch too`() throws {
        let folder = try TemporaryFolder()
        let bytes = Data(repeating: UInt8(ascii: "\n"), count: 4 * LineBuffer.blockBytes)
        var errand = try errand(folder, bytes, marker: nil)
        var buffer = LineBuffer()
        var lines = LinesAhead()
        for block in 1...4 {
            let hasMore = lines.fill(for: &errand, &buffer)
            #expect(hasMore)
            #expect(lines.progress.offset == Int64(block * LineBuffer.blockBytes))
        }
        let hasMore = lines.fill(for: &errand, &buffer)
        #expect(!hasMore && lines.isEmpty)
    }
}
