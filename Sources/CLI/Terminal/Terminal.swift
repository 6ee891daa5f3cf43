internal import Syscalls

/// What standard output can show.
struct Terminal {
    /// How many characters a line holds; nil: any number.
    let width: Int?
    /// Whether colours show, and are wanted.
    let isColoured: Bool
    /// Whether the block characters that charts are drawn with show.
    var hasBlocks = false

    /// What the environment and standard output itself tell.
    static var current: Terminal {
        func isSet(_ variable: String) -> Bool { Environment.value(variable)?.isEmpty == false }
        let columns = Environment.value("COLUMNS").flatMap { Int($0) }
        return Terminal(
            width: columns.flatMap { $0 > 0 ? $0 : nil } ?? StandardStream.output.columns,
            isColoured: showsColours(isSet), hasBlocks: showsBlocks())
    }

    /// https://no-color.org, https://bixense.com/clicolors
    private static func showsColours(_ isSet: (String) -> Bool) -> Bool {
        if isSet("NO_COLOR") { return false }
        if isSet("CLICOLOR_FORCE"), Environment.value("CLICOLOR_FORCE") != "0" { return true }
        return StandardStream.output.isTerminal && Environment.value("TERM") != "dumb"
    }

    /// Where the locale is UTF-8; not on Linux's own console, whose font lacks most blocks.
    private static func showsBlocks() -> Bool {
        guard let terminal = Environment.value("TERM"), terminal != "linux", terminal != "dumb"
        else { return false }
        // The order of locale(7).
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].lazy.compactMap { Environment.value($0) }
            .first { !$0.isEmpty }
        return ["utf-8", "utf8"].contains { locale?.lowercased().hasSuffix($0) ?? false }
    }
}
