import Syscalls
import TestSupport
import Testing

@testable import LogTail

/// Decompressed bytes are those that were compressed, however the file came to be.
@Suite struct GzipReaderTests {
    private let folder = LogFolder()

    private func reader(of bytes: [UInt8]) throws -> GzipReader {
        folder.put("log.gz", bytes)
        return GzipReader(try FileDescriptor(openingToRead: folder("log.gz")))
    }

    private static let text = Array((1...5_000).map(NumberedLine.text).joined().utf8)

    @Test(arguments: [1, 7, 4_096, 1_000_000])
    func `reads all bytes in pieces of any size`(_ length: Int) throws {
        let text = Array(Self.text.prefix(length * 20_000))
        let reader = try reader(of: Gzip.compressed(text))
        var read: [UInt8] = []
        while true {
            let piece = try reader.bytes(at: Int64(read.count), length: length)
            if piece.isEmpty { break }
            read += piece
        }
        #expect(read == text)
        #expect(!reader.mayGrow)
        #expect(reader.takeFailure() == nil)
    }

    @Test func `members one after the other are one log, and padding is nothing`() throws {
        let members = [1..<4, 4..<5, 5..<9].map { range in
            Gzip.compressed(Array(range.map(NumberedLine.text).joined().utf8))
        }
        let padding = [UInt8](repeating: 0, count: 700)
        let reader = try reader(of: members.joined() + padding)
        let text = Array((1..<9).map(NumberedLine.text).joined().utf8)
        #expect(try reader.bytes(at: 0, length: 10_000) == text)
        #expect(!reader.mayGrow)
        #expect(reader.takeFailure() == nil)
    }

    /// Padding that begins before the end of a chunk and goes on after it.
    @Test(arguments: [nil, 3])
    func `padding may be read in two pieces`(next: Int?) throws {
        var random = SeededGenerator(fixed: 5)
        let noise = (0..<65_400).map { _ in UInt8.random(in: .min ... .max, using: &random) }
        let member = Gzip.compressed(noise)
        try #require((65_000..<65_536).contains(member.count))
        let padding = [UInt8](repeating: 0, count: 100_000)
        let more = next.map { Array(NumberedLine.text($0).utf8) } ?? []
        let following = more.isEmpty ? [] : Gzip.compressed(more)
        let reader = try reader(of: member + padding + following)
        #expect(try reader.bytes(at: 0, length: 100_000) == noise + more)
        #expect(!reader.mayGrow)
        #expect(reader.takeFailure() == nil)
        // And once more from the start.
        #expect(try reader.length() == Int64(noise.count + more.count))
    }

    @Test func `goes back to what was read before`() throws {
        let reader = try reader(of: Gzip.compressed(Self.text))
        for offset in [300_000, 0, 77, 200_000, 199_999, 5] {
            let bytes = try reader.bytes(at: Int64(offset), length: 100)
            #expect(bytes == Array(Self.text[offset..<offset + 100]))
        }
        #expect(try reader.length() == Int64(Self.text.count))
    }

    @Test func `an unfinished file is read as far as it goes, and on when it grows`() throws {
        let whole = Gzip.compressed(Self.text)
        for count in [0, 1, 9, 10, 11, 500, whole.count / 2, whole.count - 9, whole.count - 1] {
            let reader = try reader(of: Array(whole.prefix(count)))
            let read = try reader.bytes(at: 0, length: Self.text.count)
            #expect(read.elementsEqual(Self.text.prefix(read.count)))
            #expect(reader.mayGrow)
            #expect(reader.takeFailure() == nil)
            LogWriter(folder("log.gz")).write(Array(whole.dropFirst(count)))
            let rest = try reader.bytes(at: Int64(read.count), length: Self.text.count + 1)
            #expect(read + rest == Self.text)
            #expect(!reader.mayGrow)
        }
    }

    @Test func `damage ends it, is told once, and costs nothing before it`() throws {
        var bytes = Gzip.compressed(Self.text)
        let middle = bytes.count / 2
        for index in middle..<middle + 64 { bytes[index] ^= 0xa5 }
        let reader = try reader(of: bytes)
        let read = try reader.bytes(at: 0, length: 2 * Self.text.count)
        #expect(read.count >= 4_096)
        #expect(read.prefix(4_096).elementsEqual(Self.text.prefix(4_096)))
        #expect(!reader.mayGrow)
        #expect(reader.takeFailure() != nil)
        #expect(reader.takeFailure() == nil)
    }

    @Test func `no random bytes make it crash or read for ever`() throws {
        var random = SeededGenerator()
        for _ in 0..<200 {
            var bytes = Gzip.compressed(Array(Self.text.prefix(5_000)))
            for _ in 0..<Int.random(in: 1...8, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] =
                    UInt8.random(in: .min ... .max, using: &random)
            }
            let reader = try reader(of: bytes)
            #expect(try reader.length() <= 5_000 * 1_032)
        }
    }

    @Test func `what was read to its end is complete, whatever is looked at again`() throws {
        let reader = try reader(of: Gzip.compressed(Self.text))
        #expect(reader.mayGrow)
        #expect(try reader.bytes(at: 0, length: Self.text.count + 1) == Self.text)
        #expect(!reader.mayGrow)
        #expect(try reader.bytes(at: 0, length: 10) == Array(Self.text.prefix(10)))
        #expect(!reader.mayGrow)
    }

    @Test func `another member may follow at any time`() throws {
        let archive = Gzip.compressed(Self.text)
        let reader = try reader(of: archive)
        #expect(try reader.bytes(at: 0, length: Self.text.count + 1) == Self.text)
        LogWriter(folder("log.gz")).write(archive)
        let more = try reader.bytes(at: Int64(Self.text.count), length: Self.text.count + 1)
        #expect(more == Self.text)
        #expect(!reader.mayGrow)
        #expect(reader.takeFailure() == nil)
    }

    @Test func `a cut file gives all that is in it, however small the room`() throws {
        let text = [UInt8](repeating: UInt8(ascii: "a"), count: 10_000)
        let cut = Array(Gzip.compressed(text).dropLast(9))
        let whole = try reader(of: cut).bytes(at: 0, length: text.count)
        let reader = try reader(of: cut)
        var read: [UInt8] = []
        while case let piece = try reader.bytes(at: Int64(read.count), length: 7), !piece.isEmpty {
            read += piece
        }
        #expect(read == whole)
    }
}
