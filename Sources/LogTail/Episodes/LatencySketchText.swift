internal import Checkpoint

/// The column `buckets`: `{"-3":1,"640":12}`, a count for each bucket that is not empty, lowest
/// bucket first. It can be merged in SQL by adding what has the same name.
extension LatencySketch {
    /// The sketch as a compact JSON object.
    public var bucketsJSON: String {
        var text: [UInt8] = []
        appendBuckets(to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    /// Appends ``bucketsJSON`` to text that is being made.
    public func appendBuckets(to text: inout [UInt8]) {
        text.append(UInt8(ascii: "{"))
        let start = text.count
        forEachBucket { bucket, count in
            let isFirst = text.count == start
            // A bucket takes up to 5 bytes for its name, 4 for marks and 19 for its count.
            text.append(addingCapacity: 28) { output in
                if !isFirst { output.append(UInt8(ascii: ",")) }
                output.append(UInt8(ascii: "\""))
                output.append(decimal: Int64(bucket))
                output.append(UInt8(ascii: "\""))
                output.append(UInt8(ascii: ":"))
                output.append(decimal: count)
            }
        }
        text.append(UInt8(ascii: "}"))
    }

    /// The sketch that ``bucketsJSON`` wrote; nil where the text is anything else, down to an
    /// added space, a bucket twice or an order of its own.
    public init?(bucketsJSON: String) {
        self.init()
        guard merge(bucketsJSON: bucketsJSON) else { return nil }
    }

    /// Adds what another sketch's ``bucketsJSON`` tells, without making a sketch of it: a question
    /// about a month adds up half a million of them. False where the text is not exactly what
    /// ``bucketsJSON`` writes; a part of it may have been added then.
    public mutating func merge(bucketsJSON: String) -> Bool {
        let text = bucketsJSON.utf8.span
        var index = 0
        guard text.skip(UInt8(ascii: "{"), at: &index) else { return false }
        var previous = Int64.min
        var total: Int64 = 0
        while index < text.count, text[index] != UInt8(ascii: "}") {
            if previous != .min, !text.skip(UInt8(ascii: ","), at: &index) { return false }
            guard text.skip(UInt8(ascii: "\""), at: &index),
                let bucket = text.decimal(at: &index),
                text.skip(UInt8(ascii: "\""), at: &index),
                text.skip(UInt8(ascii: ":"), at: &index),
                let count = text.decimal(at: &index), count > 0, bucket > previous,
                bucket >= Self.firstBucket, bucket <= Self.lastBucket
            else { return false }
            let (sum, overflow) = total.addingReportingOverflow(count)
            guard !overflow else { return false }
            total = sum
            previous = bucket
            add(count, toBucket: Int(bucket))
        }
        return text.skip(UInt8(ascii: "}"), at: &index) && index == text.count
    }
}

extension Span<UInt8> {
    fileprivate func skip(_ byte: UInt8, at index: inout Int) -> Bool {
        guard index < count, self[index] == byte else { return false }
        index += 1
        return true
    }

    /// Takes an integer: no sign but `-`, no leading zero, no `-0`.
    fileprivate func decimal(at index: inout Int) -> Int64? {
        let isNegative = skip(UInt8(ascii: "-"), at: &index)
        let start = index
        var value: Int64 = 0
        while index < count {
            let digit = self[index] &- UInt8(ascii: "0")
            guard digit <= 9 else { break }
            let (product, isTooLong) = value.multipliedReportingOverflow(by: 10)
            let (sum, isTooLarge) = product.addingReportingOverflow(Int64(digit))
            guard !isTooLong, !isTooLarge else { return nil }
            value = sum
            index += 1
        }
        guard index > start else { return nil }
        let startsWithZero = self[start] == UInt8(ascii: "0")
        guard !startsWithZero || (index == start + 1 && !isNegative) else { return nil }
        return isNegative ? -value : value
    }
}
