import Foundation

/// What ``JSONScanner`` reads, beside what Foundation's decoders read.
public enum JSONAgreement {
    /// Foundation's two readers together are the oracle: the decoder does not look at what a
    /// second key of the same name holds, the other does, but for the size of its numbers. Both
    /// let trailing commas and a byte order mark pass.
    public static func finding(in bytes: [UInt8]) -> String? {
        let text = String(decoding: bytes, as: UTF8.self)
        guard let found = JSONTree(scanning: bytes) else {
            if JSONTree(decoding: bytes) == nil || hasTrailingComma(bytes) { return nil }
            if bytes.starts(with: [0xEF, 0xBB, 0xBF]) || hasExtremeNumber(text) { return nil }
            // Foundation takes what begins with a NUL and a digit for UTF-16.
            if bytes.prefix(4).contains(0) { return nil }
            let other = try? JSONSerialization.jsonObject(
                with: Data(bytes), options: .fragmentsAllowed)
            return other == nil ? nil : "only Foundation reads \(text)"
        }
        let decoded = JSONTree(decoding: bytes)
        // Foundation refuses some zeros with an exponent, such as 0.00E6, which RFC 8259 allows.
        if decoded == nil, hasExtremeNumber(text) { return nil }
        return found == decoded ? nil : "read differently: \(text)"
    }

    private static func hasTrailingComma(_ bytes: [UInt8]) -> Bool {
        var isInString = false
        var isAfterComma = false
        var index = 0
        while index < bytes.count {
            let byte = Character(Unicode.Scalar(bytes[index]))
            if isInString {
                if byte == "\\" { index += 1 }
                if byte == "\"" { isInString = false }
            } else if isAfterComma, byte == "]" || byte == "}" {
                return true
            } else if !byte.isWhitespace {
                isAfterComma = byte == ","
                isInString = byte == "\""
            }
            index += 1
        }
        return false
    }

    private static func hasExtremeNumber(_ text: String) -> Bool {
        text.split(whereSeparator: { !"0123456789.eE+-".contains($0) }).contains { token in
            guard token.contains(where: { "eE".contains($0) }), let value = Double(token) else {
                return false
            }
            return !value.isFinite || value == 0
        }
    }
}
