internal import CLinux
internal import Glibc

/// Finds bytes in blocks at the speed of memory.
public enum ByteSearch {
    /// Where `needle` first begins at or after `start`; nil where it does not.
    public static func first(_ needle: Needle, in bytes: Span<UInt8>, from start: Int) -> Int? {
        // SAFETY: the search stays within the bytes it is given.
        unsafe needle.bytes.withUnsafeBufferPointer { text in
            // SAFETY: the hit, if any, lies inside the buffer.
            unsafe bytes.withUnsafeBytes { buffer in
                guard let base = buffer.baseAddress, start < buffer.count,
                    let pattern = text.baseAddress,
                    let hit = unsafe clinux_find(
                        base + start, buffer.count - start, pattern, text.count, needle.first,
                        needle.second)
                else { return nil }
                return unsafe base.distance(to: hit)
            }
        }
    }

    /// Where `byte` first stands at or after `start`; nil where it does not.
    public static func first(_ byte: UInt8, in bytes: Span<UInt8>, from start: Int) -> Int? {
        // SAFETY: the search stays within the bytes it is given, and so does the hit.
        unsafe bytes.withUnsafeBytes { buffer in
            guard let base = buffer.baseAddress, start < buffer.count,
                let hit = unsafe memchr(base + start, Int32(byte), buffer.count - start)
            else { return nil }
            return unsafe base.distance(to: UnsafeRawPointer(hit))
        }
    }

    /// Where `byte` last stands before `end`; nil where it does not.
    public static func last(_ byte: UInt8, in bytes: Span<UInt8>, before end: Int) -> Int? {
        // SAFETY: the search stays within the bytes it is given, and so does the hit.
        unsafe bytes.withUnsafeBytes { buffer in
            guard let base = buffer.baseAddress, end <= buffer.count,
                let hit = unsafe clinux_memrchr(base, Int32(byte), end)
            else { return nil }
            return unsafe base.distance(to: hit)
        }
    }
}
