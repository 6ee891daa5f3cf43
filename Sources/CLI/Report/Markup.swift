/// A piece of HTML, built so that text can never become markup.
///
/// Names of elements and attributes are literals of this program; everything else, above all what
/// a log says, is escaped on its way in. There is no way around that but ``style(_:)``, which
/// takes literals only.
struct Markup {
    private(set) var text = ""

    /// Appends an element with what `body` puts into it.
    mutating func element(
        _ name: StaticString, _ attributes: KeyValuePairs<StaticString, String> = [:],
        _ body: (inout Markup) -> Void
    ) {
        open(name, attributes)
        body(&self)
        text += "</\(name)>"
    }

    /// Appends an element that holds a text.
    mutating func element(_ name: StaticString, _ content: String) {
        element(name) { $0.append(content) }
    }

    /// Appends an element that holds a text.
    mutating func element(
        _ name: StaticString, _ attributes: KeyValuePairs<StaticString, String>, _ content: String
    ) {
        element(name, attributes) { $0.append(content) }
    }

    /// Appends an element of HTML that is never closed, such as `meta`.
    mutating func void(
        _ name: StaticString, _ attributes: KeyValuePairs<StaticString, String>
    ) {
        open(name, attributes)
    }

    /// Appends an element of SVG that holds nothing.
    mutating func shape(
        _ name: StaticString, _ attributes: KeyValuePairs<StaticString, String>
    ) {
        open(name, attributes)
        text += "</\(name)>"
    }

    /// Appends a text.
    mutating func append(_ content: String) {
        text += Self.escaping(content)
    }

    /// Appends a name in which lines may be broken after each underscore.
    mutating func append(name: String) {
        let parts = name.split(separator: "_", omittingEmptySubsequences: false)
        for (index, part) in parts.enumerated() {
            append(String(part) + (index < parts.count - 1 ? "_" : ""))
            if index < parts.count - 1 { void("wbr", [:]) }
        }
    }

    /// Ends the line: a page that is looked at in an editor or compared needs some.
    mutating func newLine() {
        text += "\n"
    }

    /// Appends a style sheet of this program.
    mutating func style(_ sheet: StaticString) {
        text += "<style>\n\(sheet)</style>\n"
    }

    /// Begins the document.
    mutating func doctype() {
        text += "<!doctype html>\n"
    }

    private mutating func open(
        _ name: StaticString, _ attributes: KeyValuePairs<StaticString, String>
    ) {
        text += "<\(name)"
        for (name, value) in attributes {
            text += " \(name)=\"\(Self.escaping(value))\""
        }
        text += ">"
    }

    /// A text as HTML takes it, in an element and in a quoted attribute alike.
    static func escaping(_ text: String) -> String {
        var escaped = ""
        for scalar in VisibleText.escaping(text).unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "'": escaped += "&#39;"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
