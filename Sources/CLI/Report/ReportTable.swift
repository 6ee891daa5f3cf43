/// A table of numbers, read as well by who cannot see the drawing above it.
struct ReportTable {
    /// A column, and how its cells stand.
    enum Column {
        /// A text, which may take several lines.
        case text(String)
        /// A word, which is never broken.
        case word(String)
        /// A number.
        case number(String)
        /// A number that a narrow page does without.
        case extra(String)

        /// The column's title.
        var title: String {
            switch self {
            case .text(let title), .word(let title), .number(let title), .extra(let title): title
            }
        }

        /// The class of its cells.
        var style: String {
            switch self {
            case .text: "text"
            case .word: "word"
            case .number: "number"
            case .extra: "number wide"
            }
        }
    }

    let caption: String
    let columns: [Column]
    let rows: [[String]]

    /// Appends the table, folded until someone asks for it.
    func drawFolded(into markup: inout Markup) {
        markup.element("details") { markup in
            markup.element("summary", "Numbers")
            draw(into: &markup)
        }
        markup.newLine()
    }

    /// Appends the table.
    func draw(into markup: inout Markup) {
        Self.scrolling(caption, into: &markup) { markup in
            markup.element("table") { markup in
                markup.element("caption", caption)
                Self.head(columns, into: &markup)
                markup.element("tbody") { markup in
                    for row in rows { draw(row, into: &markup) }
                }
            }
        }
        markup.newLine()
    }

    /// Appends a box that scrolls where a table is larger than the page, by keyboard too.
    static func scrolling(
        _ label: String, into markup: inout Markup, _ body: (inout Markup) -> Void
    ) {
        markup.element(
            "div", ["class": "scroll", "role": "region", "aria-label": label, "tabindex": "0"],
            body)
    }

    /// Appends the titles of columns.
    static func head(_ columns: [Column], into markup: inout Markup) {
        markup.element("thead") { markup in
            markup.element("tr") { markup in
                for column in columns {
                    markup.element("th", ["scope": "col", "class": column.style], column.title)
                }
            }
        }
    }

    private func draw(_ row: [String], into markup: inout Markup) {
        markup.element("tr") { markup in
            for (index, (column, cell)) in zip(columns, row).enumerated() {
                if index == 0 {
                    markup.element("th", ["scope": "row", "class": column.style], cell)
                } else {
                    markup.element("td", ["class": column.style], cell)
                }
            }
        }
        markup.newLine()
    }
}
