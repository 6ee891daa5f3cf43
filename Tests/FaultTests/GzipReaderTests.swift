import Syscalls
import Testing

@testable import LogTail

/// When an archive counts as complete.
@Suite struct GzipReaderTests {
    private let folder = LogFolder()
    private let text = Array(String(repeating: "one line of a log\n", count: 20).utf8)

    @Test func `an archive that was read to its end is complete, whatever is looked at again`()
        throws
    {
        folder.put("log.gz", Gzip.compressed(text))
        let reader = GzipReader(try FileDescriptor(openingToRead: folder("log.gz")))
        #expect(reader.mayGrow)
        #expect(try reader.bytes(at: 0, length: text.count + 1) == text)
        #expect(!reader.mayGrow)
        #expect(try reader.bytes(at: 0, length: 10) == Array(text.prefix(10)))
        #expect(!reader.mayGrow)
    }

    @Test func `an archive may grow while it ends in the middle of its stream`() throws {
        let archive = Gzip.compressed(text)
        folder.put("log.gz", Array(archive.dropLast(5)))
        let reader = GzipReader(try FileDescriptor(openingToRead: folder("log.gz")))
        #expect(try reader.bytes(at: 0, length: text.count + 1) == text)
        #expect(reader.mayGrow)
        LogWriter(folder("log.gz")).write(Array(archive.suffix(5)))
        #expect(try reader.bytes(at: Int64(text.count), length: 1) == [])
        #expect(!reader.mayGrow)
        // Another member may follow at any time.
        LogWriter(folder("log.gz")).write(archive)
        #expect(try reader.bytes(at: Int64(text.count), length: text.count + 1) == text)
        #expect(!reader.mayGrow)
        #expect(reader.takeFailure() == nil)
    }
}
