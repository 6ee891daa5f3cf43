internal import CZlib
internal import Syscalls

/// Compresses one file into another (RFC 1952), through two small buffers whatever their size.
@safe final class ArchiveFileGzip {
    private static let chunkBytes = 64 * 1_024

    /// zlib keeps a pointer back to its stream, so the stream must not move.
    private let stream: UnsafeMutablePointer<z_stream>

    private init() throws(SystemCallError) {
        // SAFETY: initialised at once, and given back in deinit.
        unsafe stream = .allocate(capacity: 1)
        // SAFETY: a zeroed z_stream is what deflateInit2 asks for (zlib.h).
        unsafe stream.initialize(to: z_stream())
        // 15 + 16: the largest window, and a gzip header; 8: the default memory level (zlib.h).
        // SAFETY: the stream stays where it is until deinit.
        let status = unsafe deflateInit2_(
            stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY,
            ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        guard status == Z_OK else { throw SystemCallError(outOfMemoryFor: "compress") }
    }

    deinit {
        // SAFETY: the stream was initialised in init and is not used after this.
        unsafe deflateEnd(stream)
        // SAFETY: as above.
        unsafe stream.deallocate()
    }

    /// Writes the compressed bytes of `source` to `target`, which is empty; calls `afterFirst`
    /// once some of them are written.
    static func compress(
        _ source: borrowing FileDescriptor, to target: borrowing FileDescriptor,
        afterFirst: () -> Void
    ) throws(SystemCallError) {
        let gzip = try ArchiveFileGzip()
        var input = [UInt8](repeating: 0, count: chunkBytes)
        var output = [UInt8](repeating: 0, count: chunkBytes)
        var offset: Int64 = 0
        var isEnd = false
        var isFirst = true
        while !isEnd {
            let count = try source.read(into: &input, 0..<chunkBytes, at: offset)
            offset += Int64(count)
            isEnd = count == 0
            var waiting = 0..<count
            var produced = 0
            repeat {
                produced = gzip.step(input, &waiting, &output, isEnd: isEnd)
                try target.writeAll(output.span.extracting(0..<produced))
                if isFirst && produced > 0 {
                    isFirst = false
                    afterFirst()
                }
            } while produced == chunkBytes
        }
    }

    /// One call of deflate; how many bytes came out. It fails for no input (zlib.h).
    private func step(
        _ input: [UInt8], _ waiting: inout Range<Int>, _ output: inout [UInt8], isEnd: Bool
    ) -> Int {
        // SAFETY: the stream only uses the two buffers during the call, which stays within them.
        unsafe input.withUnsafeBufferPointer { input in
            unsafe output.withUnsafeMutableBufferPointer { output in
                let next = unsafe UnsafeBufferPointer(rebasing: input[waiting])
                // zlib never writes to its input.
                unsafe stream.pointee.next_in = UnsafeMutablePointer(mutating: next.baseAddress)
                unsafe stream.pointee.avail_in = UInt32(next.count)
                unsafe stream.pointee.next_out = output.baseAddress
                unsafe stream.pointee.avail_out = UInt32(output.count)
                _ = unsafe deflate(stream, isEnd ? Z_FINISH : Z_NO_FLUSH)
                let left = unsafe Int(stream.pointee.avail_in)
                waiting = waiting.upperBound - left..<waiting.upperBound
                return unsafe output.count - Int(stream.pointee.avail_out)
            }
        }
    }
}
