internal import Observers

/// A histogram of latencies whose quantiles are within 1 % of exact, and that merges by adding.
///
/// Buckets are logarithmic with 64 to the octave, taken straight from the bits of a double:
/// bucket `b` holds the latencies from `2^e · (1 + m/64)` ms up to the start of `b + 1`, where
/// `e = b >> 6` (rounded down) and `m = b & 63`. A bucket is at most 1/64 of its start wide, so
/// its middle is within 0.8 % of everything in it. What is below 2⁻²⁰ ms (a nanosecond), zero and
/// negative ones included, falls into the first bucket and counts as 0; what is from 2⁴⁰ ms
/// (34 years) on falls into the last.
///
/// The shape is that of HdrHistogram (G. Tene) with a fixed number of sub-buckets.
public struct LatencySketch: Equatable, Sendable {
    /// The lowest bucket, of what is too small to tell from 0.
    public static let firstBucket = -20 * 64 - 1
    /// The highest bucket.
    public static let lastBucket = 40 * 64

    /// Room is made for so many buckets at a time: four octaves, 512 bytes.
    private static let blockBuckets = 256

    /// The low half of the count of each bucket from `start` on: a backlog fills hundreds of
    /// sketches at once, and in a minute few buckets count higher. Whole blocks, from that of the
    /// lowest to that of the highest bucket that is not empty, so that equal contents are equal.
    private var counts: [UInt16] = []
    private var start = 0
    /// What is above that half, for the buckets that have it.
    private var overflows: [Int: Int64] = [:]

    /// An empty sketch.
    public init() {}

    /// The bucket of a latency.
    public static func bucket(of milliseconds: Double) -> Int {
        guard milliseconds >= 0x1p-20 else { return firstBucket }
        guard milliseconds < 0x1p40 else { return lastBucket }
        return Int(milliseconds.bitPattern >> 46) - 1_023 * 64
    }

    /// The latency that stands for all of a bucket: its middle.
    public static func milliseconds(ofBucket bucket: Int) -> Double {
        guard bucket > firstBucket else { return 0 }
        let bits = lowerBound(ofBucket: min(bucket, lastBucket)).bitPattern | 1 << 45
        return Double(bitPattern: bits)
    }

    /// The latency that a bucket begins at, and the one below it ends; of one beyond the last or
    /// the first, where it would lie.
    public static func lowerBound(ofBucket bucket: Int) -> Double {
        Double(bitPattern: UInt64(bucket + 1_023 * 64) << 46)
    }

    /// Counts one latency.
    public mutating func record(_ milliseconds: Double) {
        let bucket = Self.bucket(of: milliseconds)
        let index = bucket - start
        if counts.indices.contains(index), counts[index] < .max {
            counts[index] += 1
        } else {
            add(1, toBucket: bucket)
        }
    }

    /// Adds `count` to a bucket; buckets outside the range count in the nearest one, and a count
    /// that is not positive is none.
    public mutating func add(_ count: Int64, toBucket bucket: Int) {
        guard count > 0 else { return }
        let bucket = min(max(bucket, Self.firstBucket), Self.lastBucket)
        makeRoom(for: bucket)
        let sum = self.count(at: bucket - start).addingSaturating(count)
        counts[bucket - start] = UInt16(truncatingIfNeeded: sum)
        if sum > Int64(UInt16.max) { overflows[bucket] = sum >> UInt16.bitWidth }
    }

    private mutating func makeRoom(for bucket: Int) {
        // Rounded down, below zero too.
        let block = bucket & ~(Self.blockBuckets - 1)
        if counts.isEmpty { start = block }
        if block < start {
            counts.insert(contentsOf: repeatElement(0, count: start - block), at: 0)
            start = block
        }
        let missing = block + Self.blockBuckets - (start + counts.count)
        if missing > 0 { counts.append(contentsOf: repeatElement(0, count: missing)) }
    }

    private func count(at index: Int) -> Int64 {
        let low = Int64(counts[index])
        guard !overflows.isEmpty else { return low }
        return (overflows[start + index] ?? 0) << UInt16.bitWidth | low
    }

    /// Adds everything another sketch counted.
    public mutating func merge(_ other: LatencySketch) {
        other.forEachBucket { bucket, count in add(count, toBucket: bucket) }
    }

    /// Calls `body` with every bucket that is not empty, lowest first.
    public func forEachBucket(_ body: (_ bucket: Int, _ count: Int64) -> Void) {
        let lows = counts.span
        let hasOverflows = !overflows.isEmpty
        var group = 0
        // Four at a time: looking through the buckets of a minute one by one took longer than
        // writing its row.
        while group < lows.count {
            // SAFETY: every pattern of bits is a number; blocks are whole groups of four, and the
            // span checks that it holds these bytes.
            let four = unsafe lows.bytes.unsafeLoadUnaligned(
                fromByteOffset: group * MemoryLayout<UInt16>.stride, as: UInt64.self)
            if four != 0 || hasOverflows {
                for index in group..<group &+ 4 {
                    let count = count(at: index)
                    if count > 0 { body(start + index, count) }
                }
            }
            group &+= 4
        }
    }

    /// How many latencies were counted.
    public var count: Int64 {
        var total: Int64 = 0
        forEachBucket { _, count in total = total.addingSaturating(count) }
        return total
    }

    /// The latency at or below which a share `quantile` of all lie (nearest rank), from 0 to 1;
    /// nil where nothing was counted.
    public func quantile(_ quantile: Double) -> Double? {
        let total = count
        guard total > 0 else { return nil }
        let rank = min(max(1, Int64(saturating: (quantile * Double(total)).rounded(.up))), total)
        var seen: Int64 = 0
        for index in counts.indices {
            seen = seen.addingSaturating(count(at: index))
            if seen >= rank { return Self.milliseconds(ofBucket: start + index) }
        }
        return nil
    }
}
