import Foundation
import Testing

/// The house rules that a machine can check, so that reviews can be about other things.
struct TidyTests {
    private static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    struct Source: Sendable, CustomTestStringConvertible {
        let path: String
        let lines: [String]

        var testDescription: String { path }

        var name: String {
            String(URL(filePath: path).deletingPathExtension().lastPathComponent)
        }

        /// The lines that are code: comments and the insides of multi-line strings left out.
        var code: [(number: Int, text: String)] {
            var isInString = false
            return lines.enumerated().compactMap { index, line in
                let marks = line.components(separatedBy: "\"\"\"").count - 1
                defer { if marks % 2 == 1 { isInString.toggle() } }
                let text = line.trimmingCharacters(in: .whitespaces)
                return isInString || text.hasPrefix("//") ? nil : (index + 1, line)
            }
        }
    }

    static func swiftFiles(in folder: String) -> [Source] {
        let paths = FileManager.default.enumerator(atPath: root.appending(path: folder).path)
        return (paths?.compactMap { $0 as? String } ?? [])
            .filter { $0.hasSuffix(".swift") }.sorted().map { path in
                let url = root.appending(path: folder).appending(path: path)
                let text = (try? String(contentsOf: url, encoding: .utf8)) ?? ""
                return Source(path: "\(folder)/\(path)", lines: text.components(separatedBy: "\n"))
            }
    }

    static let sources = swiftFiles(in: "Sources")

    @Test func `the rules have something to look at`() {
        #expect(Self.sources.count > 50)
    }

    @Test(arguments: sources)
    func `a file is at most 500 lines long`(_ source: Source) {
        #expect(source.lines.count <= 500)
    }

    @Test(arguments: sources)
    func `a line is at most 100 characters long`(_ source: Source) {
        let long = source.lines.enumerated().filter { $0.element.count > 100 }.map { $0.offset + 1 }
        #expect(long.isEmpty)
    }

    @Test(arguments: sources)
    func `a file declares the type or the extension it is named for`(_ source: Source) {
        let declares = source.lines.contains { line in
            line.range(
                of: #"\b(struct|class|enum|protocol|actor|extension|func)\b"#,
                options: .regularExpression) != nil
        }
        #expect(declares)
    }

    @Test(arguments: sources)
    func `no type is called by what it is not`(_ source: Source) {
        let vague = source.code.filter {
            $0.text.range(
                of: #"\b(struct|class|enum|protocol|actor) \w*(Manager|Helper|Util|Utils|Info)\b"#,
                options: .regularExpression) != nil
        }
        #expect(vague.isEmpty, "\(vague.map(\.text))")
    }

    @Test(arguments: sources)
    func `every unsafe expression says why it is safe`(_ source: Source) {
        let lines = source.lines
        let unexplained = source.code.filter { line in
            guard line.text.range(of: #"\bunsafe\b"#, options: .regularExpression) != nil else {
                return false
            }
            // The explanation stands above the statement, which may span a screen's half.
            let above = lines[max(0, line.number - 25)..<line.number]
            return !above.contains { $0.contains("// SAFETY:") }
        }
        #expect(unexplained.isEmpty, "\(unexplained.map(\.number))")
    }

    @Test(arguments: sources)
    func `nothing is left to do, commented out or forced`(_ source: Source) {
        let forbidden = [
            "TO" + "DO", "FIX" + "ME", "fatalError(", "@unchecked Sendable",
            "nonisolated(unsafe)", "try!",
        ]
        let found = source.lines.filter { line in forbidden.contains { line.contains($0) } }
        #expect(found.isEmpty, "\(found)")
        let disabled = source.lines.filter {
            $0.range(
                of: #"^\s*// (let|var|func|if|guard|return|import|for) .*[{(=]\s*$"#,
                options: .regularExpression) != nil
        }
        #expect(disabled.isEmpty, "\(disabled)")
    }

    @Test(arguments: sources)
    func `a function fits a screen`(_ source: Source) {
        var start: (line: Int, indent: Int)?
        var long: [Int] = []
        for (index, line) in source.lines.enumerated() {
            let indent = line.prefix { $0 == " " }.count
            if let open = start {
                let isClosing =
                    indent == open.indent
                    && line.hasPrefix(
                        String(repeating: " ", count: indent) + "}")
                guard isClosing else { continue }
                if index - open.line > 70 { long.append(open.line + 1) }
                start = nil
            } else if line.range(
                of: #"^\s*(\w+ )*(func \S+|init)[(<]"#, options: .regularExpression) != nil
            {
                start = (index, indent)
            }
        }
        #expect(long.isEmpty)
    }

    /// A pause that paces a writer or a look at a condition says so in the line above.
    @Test(arguments: swiftFiles(in: "Tests").filter { !$0.path.hasSuffix("TidyTests.swift") })
    func `tests wait for conditions, not for time`(_ source: Source) {
        let unexplained = source.code.filter { line in
            line.text.range(
                of: #"(usleep\(|Thread\.sleep|Task\.sleep|[^a-z]sleep\()"#,
                options: .regularExpression) != nil
                && !source.lines[max(0, line.number - 2)].contains("// A pause")
        }
        #expect(unexplained.isEmpty, "\(unexplained)")
    }
}
