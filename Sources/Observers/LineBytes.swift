/// Looking at the bytes of a line.
extension Span<UInt8> {
    /// Where `text` first occurs at or after `start`; nil where it does not.
    func firstIndex(of text: [UInt8], from start: Int = 0) -> Int? {
        guard let first = text.first, count >= text.count else { return nil }
        var index = start
        while index <= count - text.count {
            if self[index] == first, hasBytes(text, at: index) { return index }
            index += 1
        }
        return nil
    }

    /// Whether the bytes from `index` on begin with `text`.
    func hasBytes(_ text: [UInt8], at index: Int) -> Bool {
        let length = text.count
        guard length <= count - index else { return false }
        // Without a way out in the middle this loop becomes a few vector instructions.
        let (left, right) = (text.span, extracting(index..<index + length))
        var difference: UInt8 = 0
        for position in 0..<length { difference |= left[position] ^ right[position] }
        return difference == 0
    }

    /// Whether the byte at `index` exists and is `byte`.
    func hasByte(_ byte: UInt8, at index: Int) -> Bool {
        index < count && self[index] == byte
    }

    /// The number that exactly `width` decimal digits at `index` write; nil where they do not.
    func number(at index: Int, width: Int) -> Int? {
        guard width <= count - index else { return nil }
        var value = 0
        for position in index..<index + width {
            guard self[position].isDigit else { return nil }
            value = value * 10 + Int(self[position] - UInt8(ascii: "0"))
        }
        return value
    }

    /// The first index at or after `start` that holds no digit.
    func endOfDigits(from start: Int) -> Int {
        var index = start
        while index < count, self[index].isDigit { index += 1 }
        return index
    }

    /// The first index at or after `start` that holds no blank: space, tab or carriage return.
    func endOfBlanks(from start: Int) -> Int {
        var index = start
        while index < count, self[index].isBlank { index += 1 }
        return index
    }

    /// A copy of the bytes in `range`.
    func copy(_ range: Range<Int>) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(range.count)
        for index in range { bytes.append(self[index]) }
        return bytes
    }
}

extension UInt8 {
    /// Whether this is a space, a tab or a carriage return.
    var isBlank: Bool { self == 0x20 || self == 0x09 || self == 0x0D }

    /// Whether this is an ASCII digit.
    var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }
}
