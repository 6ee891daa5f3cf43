import Testing

@testable import CLI

@Suite struct TableTests {
    private let columns = [
        Table.Column(title: "NAME"), Table.Column(title: "N", isNumber: true, rank: 1),
        Table.Column(title: "PATH", fit: .end, rank: 3),
        Table.Column(title: "TEXT", fit: .start, rank: 2),
    ]

    private let rows = [
        ["a", "1", "/var/log/headroom/proxy.log", "some words that go on and on"],
        ["bcd", "1000", "", ""],
    ].map { $0.map { Table.Cell($0) } }

    private func lines(_ width: Int?, isColoured: Bool = false) -> [String] {
        let table = Table(
            columns, fitting: rows, Terminal(width: width, isColoured: isColoured))
        return [table.header] + rows.map { table.line($0) }
    }

    @Test func `columns line up, numbers at the right, nothing at the end of a line`() {
        #expect(
            lines(nil) == [
                "NAME     N  PATH                         TEXT",
                "a        1  /var/log/headroom/proxy.log  some words that go on and on",
                "bcd   1000",
            ])
    }

    @Test func `a narrow terminal cuts texts at their end and paths at their start`() {
        #expect(
            lines(50) == [
                "NAME     N  PATH                  TEXT",
                "a        1  …/headroom/proxy.log  some words that…",
                "bcd   1000",
            ])
    }

    @Test(arguments: [20, 25, 30, 40, 45, 50, 60, 67, 68, 69, 100])
    func `no line is wider than the terminal`(width: Int) {
        for line in lines(width) { #expect(VisibleText.width(line) <= width) }
    }

    @Test func `columns are left out in the order of their rank`() {
        func titles(_ width: Int) -> [Substring] { lines(width)[0].split(separator: " ") }
        #expect(titles(46) == ["NAME", "N", "PATH", "TEXT"])
        #expect(titles(45) == ["NAME", "PATH", "TEXT"])
        #expect(titles(30) == ["NAME", "PATH"])
        #expect(titles(10) == ["NAME"])
    }

    @Test func `colours do not count as width, and stand only around the text`() {
        let table = Table(
            [Table.Column(title: "A"), Table.Column(title: "B")],
            fitting: [[Table.Cell("long"), Table.Cell("x")]],
            Terminal(width: nil, isColoured: true))
        #expect(
            table.line([Table.Cell("x", .red), Table.Cell("y")]) == "\u{1b}[31mx\u{1b}[0m     y")
    }

    @Test func `a row that is wider than the table pushes what follows`() {
        let table = Table(
            [Table.Column(title: "A"), Table.Column(title: "B")], fitting: [],
            Terminal(width: nil, isColoured: false))
        #expect(table.line([Table.Cell("longer"), Table.Cell("y")]) == "longer  y")
    }

    @Test func `wide characters take two columns`() {
        #expect(VisibleText.width("日本語") == 6)
        #expect(VisibleText.width("e\u{301}é") == 2)
        #expect(VisibleText.width("🎉") == 2)
        #expect(VisibleText.prefix(of: "日本語", columns: 5) == "日本…")
        #expect(VisibleText.prefix(of: "日本語", columns: 4) == "日…")
        #expect(VisibleText.suffix(of: "日本語", columns: 4) == "…語")
        #expect(VisibleText.prefix(of: "日本語", columns: 6) == "日本語")
    }

    @Test(arguments: [
        ("plain – ünïcode 日本", "plain – ünïcode 日本"), ("a\nb\r\tc", "a\\nb\\r\\tc"),
        ("\u{1b}[31mred\u{7}", "\\u{1b}[31mred\\u{7}"), ("\u{9b}31m", "\\u{9b}31m"),
        ("a\u{202e}b", "a\\u{202e}b"), ("\u{2028}", "\\u{2028}"), ("\0", "\\u{0}"),
        ("\r\n", "\\r\\n"),
    ])
    func `nothing hidden reaches the terminal`(text: String, shown: String) {
        #expect(VisibleText.escaping(text) == shown)
        #expect(Table.Cell(text).text == shown)
    }
}
