import Foundation
import Syscalls
import TestSupport
import Testing

@testable import LogTail

struct GenerationReaderTests {
    @Test func `a file that has become shorter than the position is not read on`() throws {
        let folder = try TemporaryFolder()
        let path = folder("a.log")
        for text in ["", "a line\n", "a line\nand\n"] {
            try Data(text.utf8).write(to: URL(filePath: path))
            let source = try PlainFile(FileDescriptor(openingToRead: path))
            let identity = try source.status().identity
            let error = #expect(throws: SystemCallError.self) {
                try GenerationReader(source, identity, path: path, startingAt: 14)
            }
            #expect(error?.isMissing == true)
        }
    }

    @Test func `a read that is cut short has not reached the end`() throws {
        let folder = try TemporaryFolder()
        let path = folder("a.log")
        let text = String(repeating: "a line\n", count: 100)
        try Data(text.utf8).write(to: URL(filePath: path))
        let source = ShortReads(try PlainFile(FileDescriptor(openingToRead: path)), atMost: 300)
        let reader = GenerationReader(source, try source.status().identity, path: path)
        var buffer = LineBuffer()
        var (lines, reads) = (0, 0)
        while !reader.hasReachedEnd {
            let outcome = try reader.read(
                &buffer, LineScanner(marker: nil), limit: 1_000, oversized: { _, _ in },
                { _, _ in lines += 1 })
            guard case .bytes = outcome else { break }
            reads += 1
        }
        #expect(lines == 100)
        #expect(reads > 2)
        #expect(reader.hasReachedEnd)
    }
}

/// A file of which a read gives only so much, as near a bad sector of the disk.
private final class ShortReads: ByteSource {
    private let file: PlainFile
    private let most: Int

    init(_ file: PlainFile, atMost most: Int) {
        self.file = file
        self.most = most
    }

    var isLive: Bool { true }
    var descriptorNumber: Int32 { file.descriptorNumber }

    func read(
        into bytes: inout [UInt8], _ range: Range<Int>, at offset: Int64
    ) throws(SystemCallError) -> Int {
        try file.read(into: &bytes, range.prefix(most), at: offset)
    }

    func status() throws(SystemCallError) -> FileStatus { try file.status() }
}
