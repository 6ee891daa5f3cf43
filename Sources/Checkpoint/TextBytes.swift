extension OutputSpan<UInt8> {
    /// Appends an integer as text; a checkpoint is made of dozens, a row of latency of hundreds.
    package mutating func append(decimal value: Int64) {
        if value < 0 { append(UInt8(ascii: "-")) }
        append(digitsOf: value.magnitude)
    }

    /// Appends the digits of a number, with zeros before them where there are fewer than `least`.
    fileprivate mutating func append(digitsOf value: UInt64, least: Int = 1) {
        var digits = InlineArray<20, UInt8>(repeating: UInt8(ascii: "0"))
        var left = value
        var first = digits.count
        repeat {
            first -= 1
            digits[first] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: left % 10)
            left /= 10
        } while left > 0
        for index in min(first, digits.count - least)..<digits.count { append(digits[index]) }
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

    /// Appends an integer of any size as text.
    package mutating func append(decimal value: UInt128) {
        // The most digits that always fit into 64 bits.
        let (high, low) = value.quotientAndRemainder(dividingBy: 10_000_000_000_000_000_000)
        if high > 0 { append(decimal: high) }
        append(addingCapacity: 20) { output in
            output.append(digitsOf: UInt64(truncatingIfNeeded: low), least: high > 0 ? 19 : 1)
        }
    }

    /// Appends text as a whole; one byte after the other, as a sequence, takes four times as long.
    package mutating func append(text: String) {
        // SAFETY: the buffer is used only while the text is there.
        unsafe text.utf8.span.withUnsafeBufferPointer { unsafe append(contentsOf: $0) }
    }
}

extension String {
    /// An integer as text, as ``description`` gives it.
    package init(decimal value: Int64) {
        var bytes: [UInt8] = []
        bytes.append(decimal: value)
        self.init(decoding: bytes, as: UTF8.self)
    }
}
