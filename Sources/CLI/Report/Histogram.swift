internal import LogTail
internal import Observers

/// A distribution as bars of equal factors, fine enough to see its shape and coarse enough to be
/// drawn: neighbouring buckets of a sketch added up.
struct Histogram {
    /// So many latencies from `lower` up to below `upper`, in milliseconds.
    struct Bar: Equatable {
        let lower: Double
        let upper: Double
        let count: Int64
    }

    /// From the lowest latency to the highest, empty ones in between included.
    let bars: [Bar]
    /// How many latencies are too small to tell from 0, which has no place among equal factors.
    let zeros: Int64

    private static let mostBars = 72

    init(_ sketch: LatencySketch) {
        var zeros: Int64 = 0
        var counts: [(bucket: Int, count: Int64)] = []
        sketch.forEachBucket { bucket, count in
            if bucket == LatencySketch.firstBucket {
                zeros = count
            } else {
                counts.append((bucket, count))
            }
        }
        self.zeros = zeros
        guard let first = counts.first?.bucket, let last = counts.last?.bucket else {
            bars = []
            return
        }
        var width = 2
        while Self.group(last, width) - Self.group(first, width) >= Self.mostBars { width *= 2 }
        let start = Self.group(first, width)
        var sums = [Int64](repeating: 0, count: Self.group(last, width) - start + 1)
        for (bucket, count) in counts {
            let index = Self.group(bucket, width) - start
            sums[index] = sums[index].addingSaturating(count)
        }
        bars = sums.enumerated().map { index, count in
            let bucket = (start + index) * width
            return Bar(
                lower: LatencySketch.lowerBound(ofBucket: bucket),
                upper: LatencySketch.lowerBound(ofBucket: bucket + width), count: count)
        }
    }

    /// Which group of `width` buckets, a power of two, a bucket is in.
    private static func group(_ bucket: Int, _ width: Int) -> Int {
        Int(Int64(bucket).floorDivided(by: Int64(width)))
    }
}
