/// A table of numbers, read as well by who cannot see the drawing above it.
struct ReportTable {
    /// A column, and how its cells stand.
    enum Column {
        case text(String)
        case number(String)
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
                    switch column {
                    case .text(let title): markup.element("th", ["scope": "col"], title)
                    case .number(let title):
                        markup.element("th", ["scope": "col", "class": "number"], title)
                    }
                }
            }
        }
    }

    private func draw(_ row: [String], into markup: inout Markup) {
        markup.element("tr") { markup in
            for (index, (column, cell)) in zip(columns, row).enumerated() {
                switch column {
                case _ where index == 0: markup.element("th", ["scope": "row"], cell)
                case .text: markup.element("td", cell)
                case .number: markup.element("td", ["class": "number"], cell)
                }
            }
        }
        markup.newLine()
    }
}
