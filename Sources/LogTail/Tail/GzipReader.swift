internal import CZlib
internal import Syscalls

/// The decompressed bytes of a gzip file (RFC 1952), all of its members one after the other.
///
/// It streams forwards through one small buffer. A file that ends in the middle of its stream is
/// taken for one that is still being written: reading goes on where it stopped once there is more.
@safe final class GzipReader: ByteSource {
    /// The two bytes every gzip file begins with.
    static let magic: [UInt8] = [0x1f, 0x8b]

    /// Compressed bytes read at once; deflate seldom gains from more.
    private static let chunkBytes = 64 * 1_024

    private let descriptor: FileDescriptor
    private var compressed = [UInt8](repeating: 0, count: chunkBytes)
    /// Compressed bytes that were read but not yet inflated.
    private var waiting = 0..<0
    private var compressedOffset: Int64 = 0

    /// Decompressed bytes so far.
    private var produced: Int64 = 0
    /// zlib keeps a pointer back to its stream, so the stream must not move.
    private let stream: UnsafeMutablePointer<z_stream>
    /// Compressed bytes up to the end of the last member, once there was nothing after it: going
    /// back to an earlier place does not make the file incomplete again.
    private var completeBytes: Int64?
    /// True where a member has ended and nothing of another was seen.
    private var isBetweenMembers = false
    /// True where zlib may have more to give without further input: it filled the room it had.
    private var mayHoldOutput = false

    /// Why the rest cannot be decompressed; nil while all is well.
    private var failure: String?
    private var isFailureTaken = false

    init(_ descriptor: consuming FileDescriptor) {
        self.descriptor = descriptor
        // SAFETY: initialised at once, and given back in deinit.
        unsafe stream = .allocate(capacity: 1)
        // SAFETY: a zeroed z_stream is what inflateInit2 asks for (zlib.h).
        unsafe stream.initialize(to: z_stream())
        // 15 + 16: the largest window, and a gzip header (zlib.h).
        // SAFETY: the stream stays where it is until deinit.
        let status = unsafe inflateInit2_(
            stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        if status != Z_OK { failure = "zlib cannot start (\(status))" }
    }

    deinit {
        // SAFETY: the stream was initialised in init and is not used after this.
        unsafe inflateEnd(stream)
        // SAFETY: as above.
        unsafe stream.deallocate()
    }

    var isLive: Bool { false }

    var descriptorNumber: Int32 { descriptor.number }

    /// True where the file ends in the middle of its stream, as one does that is being written.
    var mayGrow: Bool { failure == nil && completeBytes == nil }

    /// Takes the file for broken off, after waiting for the rest of it in vain.
    func giveUp() {
        failure = failure ?? "it ends in the middle of its stream"
    }

    /// Why the rest cannot be decompressed, the first time it is asked for.
    func takeFailure() -> String? {
        defer { isFailureTaken = isFailureTaken || failure != nil }
        return isFailureTaken ? nil : failure
    }

    func status() throws(SystemCallError) -> FileStatus {
        try FileStatus(of: descriptor)
    }

    func read(
        into bytes: inout [UInt8], _ range: Range<Int>, at offset: Int64
    ) throws(SystemCallError) -> Int {
        if offset < produced { startOver() }
        while produced < offset {
            var passedOver = [UInt8](
                repeating: 0, count: Int(min(offset - produced, Int64(Self.chunkBytes))))
            let count = try inflate(into: &passedOver, 0..<passedOver.count)
            if count == 0 { return 0 }
        }
        return try inflate(into: &bytes, range)
    }

    private func startOver() {
        // SAFETY: the stream was initialised in init.
        unsafe inflateReset(stream)
        waiting = 0..<0
        mayHoldOutput = false
        isBetweenMembers = false
        compressedOffset = 0
        produced = 0
        failure = nil
    }

    /// Inflates until at least one byte came out; 0 at the end, or where nothing more can come.
    private func inflate(
        into bytes: inout [UInt8], _ range: Range<Int>
    ) throws(SystemCallError) -> Int {
        while failure == nil {
            if waiting.isEmpty, !mayHoldOutput, try !refill() { return 0 }
            let count = step(into: &bytes, range)
            if count > 0 { return count }
        }
        return 0
    }

    private func refill() throws(SystemCallError) -> Bool {
        let count = try descriptor.read(
            into: &compressed, 0..<Self.chunkBytes, at: compressedOffset)
        compressedOffset += Int64(count)
        waiting = 0..<count
        if let bytes = completeBytes, compressedOffset > bytes { completeBytes = nil }
        if isBetweenMembers { passOverPadding() }
        return count > 0
    }

    /// gzip pads with zero bytes on some media; they are no member.
    private func passOverPadding() {
        waiting.removeFirst(compressed[waiting].prefix { $0 == 0 }.count)
        isBetweenMembers = waiting.isEmpty
        if waiting.isEmpty { completeBytes = compressedOffset }
    }

    /// One call of inflate; how many bytes came out.
    private func step(into bytes: inout [UInt8], _ range: Range<Int>) -> Int {
        var status = Z_OK
        // SAFETY: the stream only uses the two ranges during the call, which stays within them.
        let count = unsafe compressed.withUnsafeMutableBufferPointer { input in
            unsafe bytes.withUnsafeMutableBufferPointer { output in
                let room = unsafe UnsafeMutableBufferPointer(rebasing: output[range])
                let next = unsafe UnsafeMutableBufferPointer(rebasing: input[waiting])
                unsafe stream.pointee.next_in = next.baseAddress
                unsafe stream.pointee.avail_in = UInt32(next.count)
                unsafe stream.pointee.next_out = room.baseAddress
                unsafe stream.pointee.avail_out = UInt32(room.count)
                status = unsafe CZlib.inflate(stream, Z_NO_FLUSH)
                let left = unsafe Int(stream.pointee.avail_in)
                waiting = waiting.upperBound - left..<waiting.upperBound
                return unsafe room.count - Int(stream.pointee.avail_out)
            }
        }
        produced += Int64(count)
        mayHoldOutput = count == range.count
        settle(status)
        return count
    }

    private func settle(_ status: Int32) {
        switch status {
        case Z_OK:
            break
        case Z_STREAM_END:
            // SAFETY: the stream was initialised in init.
            unsafe inflateReset(stream)
            passOverPadding()
        case Z_BUF_ERROR where waiting.isEmpty:
            break
        default:
            // SAFETY: zlib's messages are constants.
            let message = unsafe stream.pointee.msg.map { unsafe String(cString: $0) }
            failure = message ?? "zlib error \(status)"
        }
    }
}
