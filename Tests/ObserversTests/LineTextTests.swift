import Testing

@testable import Observers

@Suite struct LineTextTests {
    @Test(arguments: [
        ("plain", "plain"), ("", ""), (#"\"\\\/"#, #""\/"#), (#"\b\f\n\r\t"#, "\u{8}\u{C}\n\r\t"),
        (#"\u0041\u00e9\u20AC"#, "Aé€"), (#"\ud83d\ude00!"#, "😀!"), (#"x\u0000y"#, "x\0y"),
        // What no scanner lets pass stays as it is, or is repaired.
        (#"\q"#, #"\q"#), (#"\u12"#, #"\u12"#), (#"\ud800"#, #"\ud800"#), (#"\"#, #"\"#),
    ])
    func `decodes escapes`(_ raw: String, _ text: String) {
        let line = Array(("<" + raw + ">").utf8)
        let piece = LineText(range: 1..<line.count - 1, isEscaped: true)
        #expect(piece.text(in: line) == text)
        #expect(piece.holds(text, in: line))
        #expect(!piece.holds(text + "x", in: line))
    }

    @Test func `without escapes a backslash is a backslash`() {
        let line = Array(#"a\nb"#.utf8)
        let piece = LineText(range: 0..<line.count, isEscaped: false)
        #expect(piece.text(in: line) == #"a\nb"#)
        #expect(piece.holds(#"a\nb"#, in: line))
        #expect(!piece.holds("a", in: line))
    }

    @Test(arguments: [
        ("x", 199, "ab", "a"), ("x", 200, "a", ""), ("x", 198, "€", ""), ("x", 197, "€", "€"),
        (#"\n"#, 200, "a", ""), (#"\u20ac"#, 66, "aéa", "a"), (#"\ud83d\ude00"#, 50, "a", ""),
        ("x", 1_000_000, "a", nil),
    ])
    func `cuts what is long, between two characters`(
        _ repeated: String, _ count: Int, _ rest: String, _ kept: String?
    ) {
        let raw = String(repeating: repeated, count: count)
        let line = Array((raw + rest).utf8)
        let short = LineText(range: 0..<raw.utf8.count, isEscaped: repeated != "x")
        let piece = LineText(range: 0..<line.count, isEscaped: short.isEscaped)
        let text = piece.text(in: line)
        if let kept {
            #expect(text == short.text(in: line) + kept)
        } else {
            #expect(text == String(repeating: repeated, count: 200))
        }
        #expect(piece.bytes(in: line).count >= 200)
    }

    @Test func `repairs what is not UTF-8`() {
        let line: [UInt8] = [0x61, 0xFF, 0x62]
        #expect(LineText(range: 0..<3, isEscaped: false).text(in: line) == "a\u{FFFD}b")
    }
}
