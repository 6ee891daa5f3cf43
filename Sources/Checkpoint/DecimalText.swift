extension OutputSpan<UInt8> {
    /// Appends an integer as text; a checkpoint is made of dozens, a row of latency of hundreds.
    package mutating func append(decimal value: Int64) {
        if value < 0 { append(UInt8(ascii: "-")) }
        append(digits: value.magnitude)
    }

    private mutating func append(digits value: UInt64) {
        if value >= 10 { append(digits: value / 10) }
        append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value % 10))
    }
}

extension [UInt8] {
    /// Appends an integer as text.
    package mutating func append(decimal value: Int64) {
        append(addingCapacity: 20) { output in output.append(decimal: value) }
    }
}
