import Testing

@testable import FuzzTargets
@testable import Observers

@Suite struct JSONScannerTests {
    @Test(arguments: [
        #"{}"#, #"[]"#, #"null"#, #"true"#, #"false"#, #"0"#, #"-0"#, #"1"#, #"-1.5e-3"#, #"1E5"#,
        #"1e+05"#, #"0e999999"#, #""""#, #""é€😀""#,
        #""\"\\\/\b\f\n\r\t\u00e9\ud83d\uDE00\u0000""#,
        #" { "a" : [ 1 , 2 , { } ] , "b" : null } "#, "{\"a\":1}\r", "\t[\n1\r,2]", "\"\u{7F}\"",
        "\"\u{10FFFF}\"", #"{"a":1,"a":2}"#, #"{"":0}"#, "123456789012345678901234567890",
        "1.7976931348623157e308", "4.9e-324",
    ])
    func `reads what RFC 8259 allows, as Foundation does`(_ text: String) throws {
        let tree = try #require(JSONTree(scanning: Array(text.utf8)))
        #expect(tree == JSONTree(decoding: Array(text.utf8)))
    }

    @Test(arguments: [
        "", " ", "{", "}", "[", "]", "[1", #"{"a""#, #"{"a":"#, #"{"a":1"#, #"{"a":1,"#,
        #"{"a" 1}"#,
        #"{a:1}"#, #"{'a':1}"#, #"{1:1}"#, #"{"a":1 "b":2}"#, #"[1 2]"#, #"[,1]"#, #"{,"a":1}"#,
        #"[1}"#, #"{"a":1]"#, #"{} {}"#, #"{}}"#, #"{} x"#, #"1,"#, "nul", "nulll", "True", "tru",
        "trues", "NaN", "Infinity", "-Infinity", "01", "-01", "00", "-", "+1", ".5", "1.", "-.5",
        "1e",
        "1e+", "1.e5", "1.5.5", "1-2", "0x10", "1_000", "1e400", "-1e400", "1e-400", "1.8e308",
        "2e-324", #"""#, #""a"#, #""\""#, #""\x""#, #""\'""#, #""\u12""#, #""\u12G4""#,
        #""\ud800""#,
        #""\udc00""#, #""\ud800\u0041""#, #""\ud800x""#, #""\ud800\n""#, #""\ud800\ud800\udc00""#,
        "\"\t\"", "\"\n\"", "\"\0\"", "{}\0", "{\u{0B}}", "{\u{0C}}", "[\u{A0}]", "[1/*x*/]",
        "//\n1",
    ])
    func `refuses what RFC 8259 forbids, as Foundation does`(_ text: String) {
        #expect(JSONTree(scanning: Array(text.utf8)) == nil)
        #expect(JSONTree(decoding: Array(text.utf8)) == nil)
    }

    @Test(arguments: ["[1,]", #"{"a":1,}"#, "[[],]", "\u{FEFF}{}"])
    func `refuses trailing commas and a byte order mark, which Foundation lets pass`(
        _ text: String
    ) {
        #expect(JSONTree(scanning: Array(text.utf8)) == nil)
        #expect(JSONTree(decoding: Array(text.utf8)) != nil)
    }

    @Test(
        arguments: [
            [0xFF], [0x80], [0xC3], [0xC0, 0x80], [0xC1, 0xBF], [0xE2, 0x28, 0xA1], [0xE2, 0x82],
            [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80], [0xF0, 0x80, 0x80, 0x80], [0xF0, 0x9F, 0x98],
            [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xC3, 0xC3],
        ] as [[UInt8]])
    func `refuses strings that are not UTF-8 unless told otherwise`(_ bytes: [UInt8]) throws {
        for text in [bytes, bytes + Array("tail".utf8), Array("head".utf8) + bytes] {
            let line = [UInt8(ascii: "\"")] + text + [UInt8(ascii: "\"")]
            #expect(JSONTree(scanning: line) == nil)
            #expect(JSONTree(decoding: line) == nil)
            var json = JSONScanner(requiresUTF8: false)
            guard case .string(let found) = try json.nextValue(in: line) else {
                Issue.record("no string in \(line)")
                continue
            }
            #expect(found.bytes(in: line) == text)
        }
    }

    @Test func `nests as deep as Foundation does and no deeper`() {
        for (open, close) in [("[", "]"), (#"{"a":"#, "}")] {
            for depth in [1, 511, 512, 513, 100_000] {
                let core = open == "[" ? "" : "0"
                let text = Array(
                    (String(repeating: open, count: depth) + core
                        + String(repeating: close, count: depth)).utf8)
                var json = JSONScanner()
                let isRead: Bool
                do throws(JSONError) {
                    try json.skip(try json.nextValue(in: text), in: text)
                    try json.finish(in: text)
                    isRead = true
                } catch {
                    isRead = false
                }
                #expect(isRead == (depth <= 512))
                #expect(isRead == (JSONTree(decoding: text) != nil))
            }
        }
    }

    @Test func `arrays and objects side by side are not within each other`() throws {
        for sibling in ["[]", "{}", #"{"a":[]}"#] {
            let text = "[" + Array(repeating: sibling, count: 600).joined(separator: ",") + "]"
            let tree = try #require(JSONTree(scanning: Array(text.utf8)))
            #expect(tree == JSONTree(decoding: Array(text.utf8)))
        }
    }

    @Test func `skipping a value leads to the same place as reading it`() throws {
        let line = Array(#"{"skip":{"a":[1,{"b":"]}"},[]],"c":"\""},"take":7}"#.utf8)
        var json = JSONScanner()
        _ = try json.nextValue(in: line)
        let first = try #require(try json.nextMember(in: line))
        #expect(first.text(in: line) == "skip")
        try json.skip(try json.nextValue(in: line), in: line)
        let second = try #require(try json.nextMember(in: line))
        #expect(second.holds("take", in: line))
        guard case .number(let number) = try json.nextValue(in: line) else {
            Issue.record("no number")
            return
        }
        #expect(number.double(in: line) == 7)
        #expect(try json.nextMember(in: line) == nil)
        try json.finish(in: line)
    }

    @Test func `begins where it is told and needs everything after it`() throws {
        let line = Array("junk { } \r".utf8)
        var json = JSONScanner(position: 4)
        try json.skip(try json.nextValue(in: line), in: line)
        try json.finish(in: line)
        #expect(json.position == line.count)
    }
}
