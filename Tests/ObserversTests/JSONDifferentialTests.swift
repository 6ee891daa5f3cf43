import Foundation
import TestSupport
import Testing

@testable import FuzzTargets
@testable import Observers

/// ``JSONScanner`` against Foundation's decoder, on input that nobody thought of.
@Suite struct JSONDifferentialTests {
    @Test func `agrees with Foundation on real and mutated lines`() throws {
        var random = SeededGenerator(for: "JSON mutations")
        let payloads = try Self.realPayloads()
        try #require(payloads.count > 1_000)
        for payload in payloads.shuffled(using: &random).prefix(300) { Self.compare(payload) }
        for _ in 0..<4_000 {
            var bytes = payloads.randomElement(using: &random) ?? []
            for _ in 0..<Int.random(in: 1...3, using: &random) { Self.mutate(&bytes, &random) }
            Self.compare(bytes)
        }
    }

    @Test func `agrees with Foundation on random values`() {
        var random = SeededGenerator(for: "random JSON")
        for round in 0..<6_000 {
            var bytes = Array(
                Self.value(depth: Int.random(in: 0...4, using: &random), &random).utf8)
            if round % 3 == 0 { Self.mutate(&bytes, &random) }
            Self.compare(bytes)
        }
    }

    private static func compare(_ bytes: [UInt8]) {
        let finding = JSONAgreement.finding(in: bytes)
        #expect(finding == nil)
    }

    private static func realPayloads() throws -> [[UInt8]] {
        try Fixture.all().flatMap { fixture in
            try fixture.lines().compactMap { line in
                line.bytes.firstIndex(of: UInt8(ascii: "{")).map { Array(line.bytes[$0...]) }
            }
        }
    }

    private static func mutate(_ bytes: inout [UInt8], _ random: inout SeededGenerator) {
        let telling =
            Array(#"{}[]",:\/0123456789.eE+-utfn "#.utf8) + [0, 9, 13, 0x7F, 0xC3, 0xE9, 0xF0]
        let index = Int.random(in: 0...bytes.count, using: &random)
        let end = min(bytes.count, index + Int.random(in: 0...8, using: &random))
        let new = telling.randomElement(using: &random) ?? 0
        switch Int.random(in: 0..<6, using: &random) {
        case 0: bytes.insert(new, at: index)
        case 1: bytes.removeSubrange(index..<end)
        case 2: bytes.replaceSubrange(index..<end, with: repeatElement(new, count: end - index))
        case 3: bytes.insert(contentsOf: bytes[index..<end], at: index)
        case 4:
            if index < bytes.count { bytes[index] ^= 1 << UInt8.random(in: 0..<8, using: &random) }
        default: bytes.replaceSubrange(index..<end, with: escape(&random).utf8)
        }
    }

    private static func escape(_ random: inout SeededGenerator) -> String {
        let unit =
            [0x0, 0x41, 0xE9, 0xD7FF, 0xD83D, 0xDBFF, 0xDC00, 0xDE00, 0xE000, 0xFFFF]
            .randomElement(using: &random) ?? 0
        let digits = String(unit, radix: 16, uppercase: Bool.random(using: &random))
        return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    }

    /// A value that is JSON most of the time.
    private static func value(depth: Int, _ random: inout SeededGenerator) -> String {
        let blank = ["", "", "", " ", "\t", "\r\n"].randomElement(using: &random) ?? ""
        switch Int.random(in: 0..<(depth > 0 ? 9 : 6), using: &random) {
        case 0: return blank + "null"
        case 1: return Bool.random(using: &random) ? "true" : "false"
        case 2, 3: return blank + number(&random)
        case 4, 5: return string(&random) + blank
        case 6:
            let elements = (0..<Int.random(in: 0...4, using: &random)).map { _ in
                value(depth: depth - 1, &random)
            }
            return "[" + elements.joined(separator: blank + ",") + blank + "]"
        default:
            // Few names, so that many come twice.
            let members = (0..<Int.random(in: 0...5, using: &random)).map { _ in
                let key =
                    ["\"a\"", "\"\\u0061\"", "\"b\"", string(&random)]
                    .randomElement(using: &random) ?? "\"\""
                return blank + key + blank + ":" + value(depth: depth - 1, &random)
            }
            return "{" + members.joined(separator: ",") + blank + "}"
        }
    }

    private static func number(_ random: inout SeededGenerator) -> String {
        switch Int.random(in: 0..<4, using: &random) {
        case 0: return "\(Int.random(in: -1_000_000...1_000_000, using: &random))"
        case 1: return "\(Double.random(in: -1e6...1e6, using: &random))"
        case 2:
            let bits = UInt64.random(in: 0...UInt64.max, using: &random)
            let double = Double(bitPattern: bits)
            return double.isFinite ? "\(double)" : "0"
        default:
            let digits = UInt64.random(in: 0...UInt64.max, using: &random)
            let exponent = Int.random(in: -290...260, using: &random)
            return "\(digits)\(digits)e\(exponent)"
        }
    }

    private static func string(_ random: inout SeededGenerator) -> String {
        let pieces = (0..<Int.random(in: 0...5, using: &random)).map { _ in
            switch Int.random(in: 0..<8, using: &random) {
            case 0: escape(&random)
            case 1: "\\ud83d\\ude00"
            case 2:
                ["\\\"", "\\\\", "\\/", "\\n", "\\t", "\\q"].randomElement(using: &random) ?? ""
            case 3: ["é", "€", "😀", "\u{10FFFF}", "\u{7F}"].randomElement(using: &random) ?? ""
            default: "x"
            }
        }
        return "\"" + pieces.joined() + "\""
    }
}
