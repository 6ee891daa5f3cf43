import TestSupport
import Testing

@testable import Observers

/// The fast reader of numbers against Swift's own, which cannot be steered to it.
struct PlainFractionTests {
    private func read(_ text: String, at start: Int = 0) -> PlainFraction? {
        PlainFraction(Array(text.utf8).span, at: start)
    }

    @Test func `a fraction is the nearest double, and ends before what ends the member`() throws {
        var random = SeededGenerator(for: "plain fractions")
        for _ in 0..<20_000 {
            let whole = Int.random(in: 1...7, using: &random)
            let most = UInt64.random(
                in: 0..<[10, 1_000, 10_000_000][Int.random(in: 0..<3, using: &random)],
                using: &random)
            let before = String(String(most).prefix(whole))
            let length = Int.random(in: 1...(19 - before.count), using: &random)
            let after = (0..<length).map { _ in
                String(Int.random(in: 0...9, using: &random))
            }.joined()
            let text = "\(before).\(after)"
            // With what follows in the middle of a line, and at the very end of one.
            for rest in [", \"next_stage\": 1", "}}", ","] {
                let line = "\"s\": \(text)\(rest)"
                let found = try #require(read(line, at: 5), "\(line)")
                #expect(found.value == Double(text), "\(line)")
                #expect(found.end == 5 + text.utf8.count, "\(line)")
            }
        }
    }

    @Test(arguments: [
        "", "1", "12345678", ".5,aaaa", "1.,aaaaa", "1.5", "1.5 ,aaaa", "1.5e3,aa", "-1.5,aaa",
        "01.5,aaa", "12345678.5,", "1.2.3,aa", "1.12345678901234567890,", "1.1234567890123456789,",
        "123,aaaaa", "abc.5,aa", "1.5]aaaa",
    ])
    func `what is written in another way is left to the slow reader`(_ text: String) {
        #expect(read(text) == nil)
    }

    @Test func `zeros before other digits are allowed only before the point`() {
        #expect(read("0.000000000000000001,")?.value == 1e-18)
        #expect(read("0.0}aaaaa")?.value == 0)
    }
}
