extension OutputSpan<UInt8> {
    /// Appends an integer as text; a checkpoint is made of dozens, a row of latency of hundreds.
    package mutating func append(decimal value: Int64) {
        if value < 0 { append(UInt8(ascii: "-")) }
        var digits = InlineArray<20, UInt8>(repeating: 0)
        var left = value.magnitude
        var first = digits.count
        repeat {
            first -= 1
            digits[first] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: left % 10)
            left /= 10
        } while left > 0
        for index in first..<digits.count { append(digits[index]) }
    }

    /// Appends the bytes of a text; most are short.
    package mutating func append(text: Span<UInt8>) {
        for index in text.indices { append(text[index]) }
    }
}

extension [UInt8] {
    /// Appends an integer as text.
    package mutating func append(decimal value: Int64) {
        append(addingCapacity: 20) { output in output.append(decimal: value) }
    }

    /// Appends text as a whole; one byte after the other, as a sequence, takes four times as long.
    package mutating func append(text: String) {
        // SAFETY: the buffer is used only while the text is there.
        unsafe text.utf8.span.withUnsafeBufferPointer { unsafe append(contentsOf: $0) }
    }
}
