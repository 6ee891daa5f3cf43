/// The column `buckets`: `{"-3":1,"640":12}`, a count for each bucket that is not empty, lowest
/// bucket first. It can be merged in SQL by adding what has the same name.
extension LatencySketch {
    /// The sketch as a compact JSON object.
    public var bucketsJSON: String {
        var text: [UInt8] = []
        // A bucket takes up to 8 bytes for its name and marks, and its count is mostly short.
        text.reserveCapacity(1_024)
        text.append(UInt8(ascii: "{"))
        forEachBucket { bucket, count in
            if text.count > 1 { text.append(UInt8(ascii: ",")) }
            text.append(UInt8(ascii: "\""))
            text.append(decimal: Int64(bucket))
            text.append(UInt8(ascii: "\""))
            text.append(UInt8(ascii: ":"))
            text.append(decimal: count)
        }
        text.append(UInt8(ascii: "}"))
        return String(decoding: text, as: UTF8.self)
    }

    /// The sketch that ``bucketsJSON`` wrote; nil where the text is anything else, down to an
    /// added space, a bucket twice or an order of its own.
    public init?(bucketsJSON: String) {
        self.init()
        var text = Array(bucketsJSON.utf8)[...]
        var previous = Int64.min
        var total: Int64 = 0
        guard text.skip(UInt8(ascii: "{")) else { return nil }
        while text.first != UInt8(ascii: "}") {
            if previous != .min, !text.skip(UInt8(ascii: ",")) { return nil }
            guard text.skip(UInt8(ascii: "\"")), let bucket = text.decimal(),
                text.skip(UInt8(ascii: "\"")), text.skip(UInt8(ascii: ":")),
                let count = text.decimal(), count > 0, bucket > previous,
                (Int64(Self.firstBucket)...Int64(Self.lastBucket)).contains(bucket)
            else { return nil }
            let (sum, overflow) = total.addingReportingOverflow(count)
            guard !overflow else { return nil }
            total = sum
            previous = bucket
            add(count, toBucket: Int(bucket))
        }
        guard text == [UInt8(ascii: "}")] else { return nil }
    }
}

extension [UInt8] {
    fileprivate mutating func append(decimal value: Int64) {
        if value < 0 { append(UInt8(ascii: "-")) }
        let magnitude = value.magnitude
        var unit: UInt64 = 1
        while magnitude / unit >= 10 { unit *= 10 }
        while unit > 0 {
            append(UInt8(ascii: "0") + UInt8(magnitude / unit % 10))
            unit /= 10
        }
    }
}

extension ArraySlice<UInt8> {
    fileprivate mutating func skip(_ byte: UInt8) -> Bool {
        guard first == byte else { return false }
        removeFirst()
        return true
    }

    /// Takes an integer off the front: no sign but `-`, no leading zero, no `-0`.
    fileprivate mutating func decimal() -> Int64? {
        let isNegative = skip(UInt8(ascii: "-"))
        guard let leading = first, leading != UInt8(ascii: "0") || !isNegative else { return nil }
        var value: Int64 = 0
        var digits = 0
        while let byte = first, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) {
            let (product, isTooLong) = value.multipliedReportingOverflow(by: 10)
            let (sum, isTooLarge) = product.addingReportingOverflow(Int64(byte) - 0x30)
            guard !isTooLong, !isTooLarge, digits == 0 || value > 0 else { return nil }
            value = sum
            digits += 1
            removeFirst()
        }
        return digits > 0 ? (isNegative ? -value : value) : nil
    }
}
