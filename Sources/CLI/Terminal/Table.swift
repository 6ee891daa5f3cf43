/// Rows of text in aligned columns that fit the terminal.
///
/// Widths come from the rows it is made with; rows that are added later keep to them, so that a
/// table can be printed while it still grows.
struct Table {
    /// A column.
    struct Column {
        let title: String
        /// Numbers stand at the right.
        var isNumber = false
        var fit = Fit.whole
        /// Where the terminal is narrow, columns with a rank are left out, the lowest first.
        var rank: Int?
    }

    /// What becomes of a cell that is wider than there is room.
    enum Fit {
        /// It is never cut.
        case whole
        /// Its end is cut off.
        case start
        /// Its start is cut off, as suits paths.
        case end
    }

    /// One field of a row.
    struct Cell {
        let text: String
        let style: Style

        init(_ text: String, _ style: Style = .plain) {
            self.text = VisibleText.escaping(text)
            self.style = style
        }
    }

    /// How a cell stands out on a terminal that shows colours.
    enum Style: String {
        case plain = ""
        case bold = "1"
        case faint = "2"
        case red = "31"
        case yellow = "33"
        case magenta = "35"

        fileprivate func apply(to text: String) -> String {
            self == .plain ? text : "\u{1b}[\(rawValue)m\(text)\u{1b}[0m"
        }
    }

    /// Spaces between two columns.
    static let gap = 2
    /// Below this a cell that was cut tells nothing any more.
    private static let leastWidth = 16

    private let columns: [Column]
    /// The width of each column; nil where it is left out.
    private let widths: [Int?]
    private let isColoured: Bool

    /// A table that fits `rows`, as far as a line of the terminal holds them.
    init(_ columns: [Column], fitting rows: [[Cell]], _ terminal: Terminal) {
        self.columns = columns
        isColoured = terminal.isColoured
        var widths = columns.map { VisibleText.width($0.title) }
        for row in rows {
            for (index, cell) in row.enumerated() {
                widths[index] = max(widths[index], VisibleText.width(cell.text))
            }
        }
        self.widths = terminal.width.map { Self.fit(columns, widths, within: $0) } ?? widths
    }

    /// How many columns of the terminal the widest line takes.
    var width: Int {
        let kept = widths.compactMap(\.self)
        return kept.reduce(Self.gap * max(0, kept.count - 1), +)
    }

    /// The line of titles.
    var header: String {
        line(columns.map { Cell($0.title, .bold) })
    }

    /// A row as one line, without spaces at its end.
    func line(_ row: [Cell]) -> String {
        var line = ""
        var spaces = 0
        for (index, cell) in row.enumerated() {
            guard let width = widths[index] else { continue }
            let column = columns[index]
            let text = Self.cut(cell.text, to: width, column.fit)
            let padding = max(0, width - VisibleText.width(text))
            spaces += column.isNumber ? padding : 0
            if !text.isEmpty {
                line += String(repeating: " ", count: spaces)
                line += isColoured ? cell.style.apply(to: text) : text
                spaces = 0
            }
            spaces += (column.isNumber ? 0 : padding) + Self.gap
        }
        return line
    }

    /// Leaves columns out, then cuts those that may be cut, until the rest fits.
    private static func fit(_ columns: [Column], _ natural: [Int], within room: Int) -> [Int?] {
        var widths: [Int?] = natural
        func total() -> Int {
            let kept = widths.compactMap(\.self)
            return kept.reduce(gap * (kept.count - 1), +)
        }
        func shrinkable(_ index: Int) -> Int {
            guard let width = widths[index], columns[index].fit != .whole else { return 0 }
            return max(0, width - leastWidth)
        }
        while total() - columns.indices.reduce(0, { $0 + shrinkable($1) }) > room {
            let droppable = columns.indices.filter { widths[$0] != nil && columns[$0].rank != nil }
            guard let least = droppable.min(by: { rank(columns[$0]) < rank(columns[$1]) }) else {
                break
            }
            widths[least] = nil
        }
        for index in columns.indices.reversed() {
            let taken = min(shrinkable(index), max(0, total() - room))
            widths[index] = widths[index].map { $0 - taken }
        }
        return widths
    }

    private static func rank(_ column: Column) -> Int { column.rank ?? .max }

    private static func cut(_ text: String, to width: Int, _ fit: Fit) -> String {
        switch fit {
        case .whole: text
        case .start: VisibleText.prefix(of: text, columns: width)
        case .end: VisibleText.suffix(of: text, columns: width)
        }
    }
}
