/// Looking at the bytes of a line.
extension Span<UInt8> {
    /// Where `text` first occurs at or after `start`; nil where it does not.
    func firstIndex(of text: [UInt8], from start: Int = 0) -> Int? {
        guard let first = text.first, count >= text.count else { return nil }
        var index = start
        while index <= count - text.count {
            if let word = ByteWord(self, at: index) {
                let marks = word.marks(of: first)
                guard marks != 0 else {
                    index += ByteWord.width
                    continue
                }
                index += ByteWord.count(before: marks)
            }
            if hasBytes(text, at: index) { return index }
            index += 1
        }
        return nil
    }

    /// Whether the bytes from `index` on begin with `text`.
    func hasBytes(_ text: [UInt8], at index: Int) -> Bool {
        let length = text.count
        guard length <= count - index else { return false }
        return text.span.hasSameBytes(as: extracting(index..<index + length))
    }

    /// Whether these are the bytes of `other`, which is as long.
    func hasSameBytes(as other: Span<UInt8>) -> Bool {
        var position = 0
        while let left = ByteWord(self, at: position), let right = ByteWord(other, at: position) {
            if left.bits != right.bits { return false }
            position += ByteWord.width
        }
        if position < count, count >= ByteWord.width {
            // The last word again, from where it is whole.
            position = count - ByteWord.width
            return ByteWord(self, at: position)?.bits == ByteWord(other, at: position)?.bits
        }
        while position < count, self[position] == other[position] { position += 1 }
        return position == count
    }

    /// Whether the byte at `index` exists and is `byte`.
    func hasByte(_ byte: UInt8, at index: Int) -> Bool {
        index < count && self[index] == byte
    }

    /// The number that exactly `width` decimal digits at `index` write, from 1 to 18; nil where
    /// they do not.
    func number(at index: Int, width: Int) -> Int? {
        guard width <= count - index else { return nil }
        guard width <= ByteWord.width else {
            let first = width - ByteWord.width
            guard let upper = number(at: index, width: first),
                let lower = number(at: index + first, width: ByteWord.width)
            else { return nil }
            return upper * 100_000_000 + lower
        }
        if let word = ByteWord(padding: self, at: index) {
            return word.leadingDigits < width ? nil : Int(word.number(ofDigits: width))
        }
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
        while let word = ByteWord(padding: self, at: index) {
            let digits = word.leadingDigits
            index += digits
            if digits < ByteWord.width { return index }
        }
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
