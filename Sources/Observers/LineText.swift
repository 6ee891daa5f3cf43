/// A piece of text that still lies in its line, so that finding it costs no allocation.
public struct LineText: Sendable {
    /// Byte positions in the line, without quotes.
    public var range: Range<Int>
    /// True where the bytes hold JSON escapes.
    public var isEscaped: Bool

    /// A piece of a line.
    public init(range: Range<Int>, isEscaped: Bool) {
        self.range = range
        self.isEscaped = isEscaped
    }

    /// Bytes of a text that are kept of it at most: no id or name is as long, and what strangers
    /// write into a log must not fill the memory.
    public static let keptBytes = 200

    /// The text, escapes decoded, cut to ``keptBytes``; bytes that are not UTF-8 become U+FFFD.
    /// `line` is the line it was found in.
    public func text(in line: Span<UInt8>) -> String {
        let limit = Self.keptBytes + String.bytesPastCut
        return String(decoding: bytes(in: line, first: limit), cutTo: Self.keptBytes)
    }

    /// The bytes of the text, escapes decoded. A backslash that begins no escape stays.
    public func bytes(in line: Span<UInt8>) -> [UInt8] {
        bytes(in: line, first: range.count)
    }

    /// The first bytes of the text, and what is left then of a character that was escaped.
    private func bytes(in line: Span<UInt8>, first limit: Int) -> [UInt8] {
        guard isEscaped else { return line.copy(range.prefix(limit)) }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(min(range.count, limit))
        var index = range.lowerBound
        while index < range.upperBound, bytes.count < limit {
            if let escape = JSONEscape(line, at: index) {
                bytes.append(contentsOf: String(escape.scalar).utf8)
                index += escape.length
            } else {
                bytes.append(line[index])
                index += 1
            }
        }
        return bytes
    }

    /// Whether the text is `text`, in UTF-8.
    public func holds(_ text: [UInt8], in line: Span<UInt8>) -> Bool {
        if isEscaped { return bytes(in: line) == text }
        return range.count == text.count && line.hasBytes(text, at: range.lowerBound)
    }
}

extension String {
    /// How many bytes after a cut it takes for the character before it to be whole.
    public static let bytesPastCut = 3

    /// The first `limit` bytes of a text, repaired, without the character that would pass them.
    /// Repairing never makes text shorter, so that no more of `bytes` is needed than
    /// ``bytesPastCut`` besides.
    public init(decoding bytes: [UInt8], cutTo limit: Int) {
        let text = String(decoding: bytes, as: UTF8.self)
        guard text.utf8.count > limit else {
            self = text
            return
        }
        var kept = String.UnicodeScalarView()
        var length = 0
        for scalar in text.unicodeScalars {
            length += UTF8.width(scalar)
            guard length <= limit else { break }
            kept.append(scalar)
        }
        self.init(kept)
    }
}

/// One escape in a JSON string, a pair of surrogates counting as one.
struct JSONEscape {
    /// The character it stands for.
    let scalar: Unicode.Scalar
    /// Bytes of it in the line.
    let length: Int

    /// The escape at `index`; nil where there is none, and for half a pair of surrogates.
    init?(_ line: Span<UInt8>, at index: Int) {
        guard line.hasByte(UInt8(ascii: "\\"), at: index), index + 1 < line.count else {
            return nil
        }
        switch line[index + 1] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"):
            self.init(Unicode.Scalar(line[index + 1]))
        case UInt8(ascii: "b"): self.init("\u{8}")
        case UInt8(ascii: "f"): self.init("\u{C}")
        case UInt8(ascii: "n"): self.init("\n")
        case UInt8(ascii: "r"): self.init("\r")
        case UInt8(ascii: "t"): self.init("\t")
        case UInt8(ascii: "u"): self.init(unicode: line, at: index)
        default: return nil
        }
    }

    private init(_ scalar: Unicode.Scalar) {
        self.scalar = scalar
        length = 2
    }

    private init?(unicode line: Span<UInt8>, at index: Int) {
        guard let unit = line.hexadecimal(at: index + 2) else { return nil }
        if let scalar = Unicode.Scalar(unit) {
            self.scalar = scalar
            length = 6
            return
        }
        guard (0xD800..<0xDC00).contains(unit),
            line.hasByte(UInt8(ascii: "\\"), at: index + 6),
            line.hasByte(UInt8(ascii: "u"), at: index + 7),
            let second = line.hexadecimal(at: index + 8), (0xDC00..<0xE000).contains(second),
            let scalar = Unicode.Scalar(0x1_0000 + (unit - 0xD800) << 10 + (second - 0xDC00))
        else { return nil }
        self.scalar = scalar
        length = 12
    }
}

extension Span<UInt8> {
    /// The number that four hexadecimal digits at `index` write; nil where they do not.
    fileprivate func hexadecimal(at index: Int) -> UInt32? {
        guard 4 <= count - index else { return nil }
        var value: UInt32 = 0
        for position in index..<index + 4 {
            let byte = self[position]
            let digit: UInt8
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = byte - UInt8(ascii: "A") + 10
            default: return nil
            }
            value = value << 4 | UInt32(digit)
        }
        return value
    }
}
