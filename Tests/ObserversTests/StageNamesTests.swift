import Testing

@testable import Observers

@Suite struct StageNamesTests {
    @Test func `gives each name one number, whatever the hint`() {
        var names = StageNames(known: ["a", "b"])
        #expect(names.identify("b").index == 3)
        #expect(names.identify("b", hint: 3).index == 3)
        #expect(names.identify("b", hint: 2).index == 3)
        #expect(names.identify("b", hint: 999).index == 3)
        #expect(names.identify("b", hint: -1).index == 3)
        #expect(names.identify("c").index == 4)
        #expect(names.identify("c", hint: 4).index == 4)
        #expect(names.name(of: names.identify("c")) == "c")
        #expect(names.name(of: .total) == "total")
        #expect(names.name(of: .other) == "(other)")
    }

    @Test func `the names of the database come back with their numbers`() {
        let names = StageNames(known: ["total", "a", "(other)", "a", "b"])
        var again = names
        #expect(again.identify("a").index == 2)
        #expect(again.identify("b").index == 3)
    }

    @Test func `a line cannot name the observed latency`() {
        var names = StageNames()
        #expect(names.identify("total") == .other)
        #expect(names.identify("total", hint: 5) == .other)
        #expect(names.identify("(other)") == .other)
    }

    @Test func `names beyond the limit share one`() {
        var names = StageNames()
        let own = StageNames.limit - 2
        for index in 0..<own { #expect(names.identify("stage\(index)").index == index + 2) }
        #expect(names.identify("one more") == .other)
        #expect(names.identify("stage0").index == 2)
    }

    @Test(
        arguments: [
            [], Array(repeating: UInt8(ascii: "x"), count: 65), [0xFF], [0x61, 0x00], [0x1B, 0x5B],
            [0x7F], Array("\u{85}".utf8), Array("a\u{202E}b".utf8), Array("\u{2028}".utf8),
            Array("\u{200B}".utf8),
        ] as [[UInt8]])
    func `what cannot stand in a table is no name`(_ bytes: [UInt8]) {
        var names = StageNames()
        let stage = names.identify(bytes.span)
        #expect(stage == .other)
    }

    @Test(arguments: ["x", "überhang", "a b", "段階", String(repeating: "y", count: 64)])
    func `everything else is a name`(_ name: String) {
        var names = StageNames()
        let stage = names.identify(name)
        #expect(stage != .other)
        #expect(names.name(of: stage) == name)
    }

    @Test func `a name with escapes is the name they stand for`() {
        let line = Array(#"\u0061b"#.utf8)
        var names = StageNames(known: ["ab"])
        let text = LineText(range: 0..<line.count, isEscaped: true)
        let stage = names.identify(text, in: line.span)
        #expect(stage.index == 2)
    }
}
