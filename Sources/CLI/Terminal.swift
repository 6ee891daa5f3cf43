internal import Syscalls

/// What standard output can show.
struct Terminal {
    /// How many characters a line holds; nil: any number.
    let width: Int?
    /// Whether colours show, and are wanted.
    let isColoured: Bool

    /// What the environment and standard output itself tell.
    static var current: Terminal {
        func isSet(_ variable: String) -> Bool { Environment.value(variable)?.isEmpty == false }
        let columns = Environment.value("COLUMNS").flatMap { Int($0) }
        return Terminal(
            width: columns.flatMap { $0 > 0 ? $0 : nil } ?? StandardStream.output.columns,
            // https://no-color.org
            isColoured: StandardStream.output.isTerminal && !isSet("NO_COLOR")
                && Environment.value("TERM") != "dumb")
    }
}
