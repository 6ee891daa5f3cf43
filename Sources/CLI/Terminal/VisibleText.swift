/// Text from a log or a database made fit for a terminal.
///
/// Logs are written by strangers: a control character in them can move the cursor, change the
/// window's title or hide what stands beside it, and so can the marks that turn text around.
enum VisibleText {
    /// `text` with everything that would not show as itself written as an escape: `\n`, `\u{1b}`.
    static func escaping(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isHidden) else { return text }
        return text.unicodeScalars.reduce(into: "") { result, scalar in
            switch scalar {
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case _ where isHidden(scalar):
                result += "\\u{\(String(scalar.value, radix: 16))}"
            default: result.unicodeScalars.append(scalar)
            }
        }
    }

    private static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: true
        default: false
        }
    }

    /// How many columns of a terminal the text takes: two for the wide characters of East Asia
    /// and for emoji, else one a character.
    static func width(_ text: String) -> Int {
        let bytes = text.utf8
        if bytes.allSatisfy({ $0 < 0x80 }) { return bytes.count }
        return text.reduce(0) { $0 + width($1) }
    }

    /// `text`, or its beginning and an ellipsis where it takes more columns.
    static func prefix(of text: String, columns: Int) -> String {
        guard width(text) > columns else { return text }
        return String(fitting(text, columns - 1)) + "…"
    }

    /// `text`, or an ellipsis and its end where it takes more columns.
    static func suffix(of text: String, columns: Int) -> String {
        guard width(text) > columns else { return text }
        return "…" + String(fitting(text.reversed(), columns - 1).reversed())
    }

    private static func fitting(_ characters: some Sequence<Character>, _ columns: Int)
        -> [Character]
    {
        var left = columns
        return characters.prefix { character in
            left -= width(character)
            return left >= 0
        }
    }

    // The blocks that Unicode's East Asian Width names wide, rounded to whole blocks.
    private static let wide: [ClosedRange<UInt32>] = [
        0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
        0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1FAFF, 0x20000...0x3FFFD,
    ]

    private static func width(_ character: Character) -> Int {
        guard let scalar = character.unicodeScalars.first else { return 0 }
        return wide.contains { $0.contains(scalar.value) } ? 2 : 1
    }
}
