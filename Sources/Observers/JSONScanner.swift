/// A strict reader of JSON (RFC 8259) that lies in a line, one value after the other.
///
/// It exists because a decoder that builds strings and dictionaries costs more than everything
/// else that is done with a line. It allocates nothing, takes each byte once, and never traps;
/// its caller pulls what it wants and skips the rest, and the first malformed byte ends it.
///
/// ```swift
/// var json = JSONScanner(position: payload)
/// guard case .object = try json.nextValue(in: line) else { return nil }
/// while let key = try json.nextMember(in: line) {
///     let value = try json.nextValue(in: line)
///     if key.holds(wanted, in: line) { found = value } else { try json.skip(value, in: line) }
/// }
/// try json.finish(in: line)
/// ```
public struct JSONScanner: Sendable {
    /// Arrays and objects within each other at most; Foundation's decoder has the same limit.
    public static let maximumDepth = 512

    /// The next byte to be read.
    public private(set) var position: Int

    /// Whether strings must be UTF-8, as JSON demands. Some programs copy a client's bytes into
    /// theirs as they are; such a line is worth reading all the same.
    private let requiresUTF8: Bool
    private var depth = 0
    /// True between an opening bracket and what follows it, where no comma is due.
    private var isFirst = false

    /// A scanner of the text that begins at `position`.
    public init(position: Int = 0, requiresUTF8: Bool = true) {
        self.position = position
        self.requiresUTF8 = requiresUTF8
    }

    /// The next value. Of an array or object only the opening bracket is read: what it holds is
    /// the caller's to read with ``nextElement(in:)`` or ``nextMember(in:)``, or to skip.
    public mutating func nextValue(in line: Span<UInt8>) throws(JSONError) -> JSONValue {
        skipWhitespace(in: line)
        guard position < line.count else { throw .malformed }
        switch line[position] {
        case UInt8(ascii: "\""): return .string(try string(in: line))
        case UInt8(ascii: "{"):
            try open()
            return .object
        case UInt8(ascii: "["):
            try open()
            return .array
        case UInt8(ascii: "n"):
            try literal(Self.null, in: line)
            return .null
        case UInt8(ascii: "t"):
            try literal(Self.true, in: line)
            return .bool(true)
        case UInt8(ascii: "f"):
            try literal(Self.false, in: line)
            return .bool(false)
        default:
            guard let number = DecimalNumber(line, at: position),
                number.isRepresentable(in: line)
            else { throw .malformed }
            position = number.range.upperBound
            return .number(number)
        }
    }

    /// The key of the next member of the object being read, and past its colon; nil past the end
    /// of the object.
    public mutating func nextMember(in line: Span<UInt8>) throws(JSONError) -> LineText? {
        guard try advance(in: line, to: UInt8(ascii: "}")) else { return nil }
        guard line.hasByte(UInt8(ascii: "\""), at: position) else { throw .malformed }
        let key = try string(in: line)
        skipWhitespace(in: line)
        guard line.hasByte(UInt8(ascii: ":"), at: position) else { throw .malformed }
        position += 1
        return key
    }

    /// Reads past the key of the next member and its colon where they are the one at `index` of
    /// `keys`, written as expected; else reads nothing.
    @inline(__always)
    mutating func passes(_ keys: JSONKeys, _ index: Int, in line: Span<UInt8>) -> Bool {
        guard let length = keys.length(of: index, isFirst: isFirst, in: line, at: position) else {
            return false
        }
        position += length
        isFirst = false
        return true
    }

    /// The next value where it is a number as programs write milliseconds: digits, a point and
    /// digits, at most 19, and the end of a member after them. Nil, and nothing is read, where it
    /// is written in another way; ``nextValue(in:)`` reads that.
    @inline(__always)
    mutating func nextFraction(in line: Span<UInt8>) -> Double? {
        guard let fraction = PlainFraction(line, at: position) else { return nil }
        position = fraction.end
        return fraction.value
    }

    /// The next value where it is a string of ASCII without escapes. Nil, and nothing is read,
    /// where it is anything else; ``nextValue(in:)`` reads that.
    @inline(__always)
    mutating func nextPlainString(in line: Span<UInt8>) -> LineText? {
        guard line.hasByte(UInt8(ascii: "\""), at: position) else { return nil }
        let start = position + 1
        let end = endOfPlainText(in: line, from: start)
        guard line.hasByte(UInt8(ascii: "\""), at: end) else { return nil }
        position = end + 1
        return LineText(range: start..<end, isEscaped: false)
    }

    /// True before the next element of the array being read; false past the end of the array.
    public mutating func nextElement(in line: Span<UInt8>) throws(JSONError) -> Bool {
        guard try advance(in: line, to: UInt8(ascii: "]")) else { return false }
        // `[1,]` would otherwise end here, after its comma.
        guard !line.hasByte(UInt8(ascii: "]"), at: position) else { throw .malformed }
        return true
    }

    /// Reads past the rest of a value that ``nextValue(in:)`` returned.
    public mutating func skip(_ value: JSONValue, in line: Span<UInt8>) throws(JSONError) {
        switch value {
        case .object:
            while try nextMember(in: line) != nil {
                try skip(try nextValue(in: line), in: line)
            }
        case .array:
            while try nextElement(in: line) {
                try skip(try nextValue(in: line), in: line)
            }
        case .null, .bool, .number, .string: break
        }
    }

    /// Checks that nothing but white space follows.
    public mutating func finish(in line: Span<UInt8>) throws(JSONError) {
        skipWhitespace(in: line)
        guard position == line.count else { throw .malformed }
    }

    private static let null = Array("null".utf8)
    private static let `true` = Array("true".utf8)
    private static let `false` = Array("false".utf8)

    private mutating func literal(
        _ text: [UInt8], in line: Span<UInt8>
    ) throws(JSONError) {
        guard line.hasBytes(text, at: position) else { throw .malformed }
        position += text.count
    }

    private mutating func open() throws(JSONError) {
        guard depth < Self.maximumDepth else { throw .malformed }
        depth += 1
        position += 1
        isFirst = true
    }

    /// Past the comma before the next member or element, or past `close`, which gives false.
    private mutating func advance(
        in line: Span<UInt8>, to close: UInt8
    ) throws(JSONError) -> Bool {
        skipWhitespace(in: line)
        if line.hasByte(close, at: position) {
            position += 1
            depth -= 1
            isFirst = false
            return false
        }
        if !isFirst {
            guard line.hasByte(UInt8(ascii: ","), at: position) else { throw .malformed }
            position += 1
            skipWhitespace(in: line)
        }
        isFirst = false
        return true
    }

    private mutating func skipWhitespace(in line: Span<UInt8>) {
        while position < line.count {
            switch line[position] {
            case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"), UInt8(ascii: "\n"):
                position += 1
            default: return
            }
        }
    }
}

/// The text that was read is not one JSON value.
public enum JSONError: Error {
    /// A byte that JSON does not allow there, an end too early, or a limit that was reached.
    case malformed
}

/// A value as ``JSONScanner`` finds it.
public enum JSONValue: Sendable {
    /// `null`
    case null
    /// `true` or `false`
    case bool(Bool)
    /// A number that a double can hold.
    case number(DecimalNumber)
    /// A string, without its quotes.
    case string(LineText)
    /// An object whose members come next.
    case object
    /// An array whose elements come next.
    case array
}

// MARK: - Strings

extension JSONScanner {
    /// The string that begins at `position`, and past its closing quote.
    private mutating func string(in line: Span<UInt8>) throws(JSONError) -> LineText {
        let start = position + 1
        var index = start
        var isEscaped = false
        while true {
            index = endOfPlainText(in: line, from: index)
            guard index < line.count else { throw .malformed }
            let byte = line[index]
            if byte == UInt8(ascii: "\"") {
                position = index + 1
                return LineText(range: start..<index, isEscaped: isEscaped)
            } else if byte == UInt8(ascii: "\\") {
                isEscaped = true
                guard let escape = JSONEscape(line, at: index) else { throw .malformed }
                index += escape.length
            } else if byte < 0x20 {
                throw .malformed
            } else if byte < 0x80 || !requiresUTF8 {
                index += 1
            } else {
                let length = line.lengthOfUTF8(at: index)
                guard length > 0 else { throw .malformed }
                index += length
            }
        }
    }

    /// The first index from `start` on that may hold something else than a character of ASCII
    /// that stands for itself.
    private func endOfPlainText(in line: Span<UInt8>, from start: Int) -> Int {
        var index = start
        while let word = ByteWord(line, at: index) {
            var marks = word.marksEscapedInJSON
            if requiresUTF8 { marks |= word.marksBeyondASCII }
            if marks != 0 { return index + ByteWord.count(before: marks) }
            index += ByteWord.width
        }
        return index
    }
}

extension Span<UInt8> {
    /// True where the bytes hold nothing that a JSON string has to escape.
    package var isPlainInJSON: Bool {
        var index = 0
        while let word = ByteWord(self, at: index) {
            guard word.marksEscapedInJSON == 0 else { return false }
            index += ByteWord.width
        }
        while index < count {
            let byte = self[index]
            if byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") {
                return false
            }
            index += 1
        }
        return true
    }

    /// Bytes of the character beyond ASCII at `index`; 0 where it is not well-formed UTF-8
    /// (Unicode 15, table 3-7).
    fileprivate func lengthOfUTF8(at index: Int) -> Int {
        let lead = self[index]
        let length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4
        guard (0xC2...0xF4).contains(lead), length <= count - index else { return 0 }
        let second: ClosedRange<UInt8> =
            switch lead {
            case 0xE0: 0xA0...0xBF
            case 0xED: 0x80...0x9F
            case 0xF0: 0x90...0xBF
            case 0xF4: 0x80...0x8F
            default: 0x80...0xBF
            }
        guard second.contains(self[index + 1]) else { return 0 }
        for offset in 2..<max(2, length) where !(0x80...0xBF).contains(self[index + offset]) {
            return 0
        }
        return length
    }
}
