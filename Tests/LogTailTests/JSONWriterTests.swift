import Foundation
import LogTail
import TestSupport
import Testing

@Suite struct JSONWriterTests {
    @Test func `writes compact JSON in the order of the calls`() {
        var json = JSONWriter()
        json.object { json in
            json.field("b", 3)
            json.field("a", nil as String?)
            json.field("list") { json in
                json.array { json in
                    json.value(1.5)
                    json.value("x")
                    json.object { _ in }
                    json.array { _ in }
                    json.value(nil as Int?)
                }
            }
            json.field("none") { json in json.object { _ in } }
            json.field("yes", true)
            json.field("no", false)
            json.field("raw") { json in json.raw(#"{"x":1}"#) }
        }
        #expect(
            json.text == """
                {"b":3,"a":null,"list":[1.5,"x",{},[],null],"none":{},"yes":true,"no":false,\
                "raw":{"x":1}}
                """)
    }

    @Test(arguments: [
        (0, "0.0"), (-0.0, "-0.0"), (600, "600.0"), (0.1, "0.1"), (1e16, "1e+16"),
        (.leastNonzeroMagnitude, "5e-324"), (1.7976931348623157e308, "1.7976931348623157e+308"),
        (.nan, "null"), (.infinity, "null"), (-.infinity, "null"),
    ])
    func `writes numbers that read back the same`(_ number: Double, _ text: String) throws {
        var json = JSONWriter()
        json.value(number)
        #expect(json.text == text)
        guard number.isFinite else { return }
        #expect(try JSONDecoder().decode(Double.self, from: Data(text.utf8)) == number)
    }

    @Test func `any finite number reads back the same`() throws {
        var random = SeededGenerator()
        for _ in 0..<2_000 {
            let number = Double(bitPattern: random.next())
            guard number.isFinite else { continue }
            var json = JSONWriter()
            json.value(number)
            #expect(try JSONDecoder().decode(Double.self, from: Data(json.text.utf8)) == number)
        }
    }

    @Test(arguments: [
        ("", #""""#), ("a/b", #""a/b""#), ("\"\\", #""\"\\""#), ("\n\r\t", #""\n\r\t""#),
        ("\u{0}\u{8}\u{c}\u{1f}", #""\u0000\u0008\u000c\u001f""#),
        ("\u{7f}\u{2028}é😀", "\"\u{7f}\u{2028}é😀\""),
    ])
    func `escapes what JSON does not take as it is`(_ text: String, _ expected: String) {
        var json = JSONWriter()
        json.value(text)
        #expect(json.text == expected)
    }

    @Test func `whatever it writes, another parser reads the same`() throws {
        var random = SeededGenerator()
        for _ in 0..<400 {
            let value = Value.random(depth: 4, &random)
            var json = JSONWriter()
            value.write(to: &json)
            let read = try JSONSerialization.jsonObject(
                with: Data(json.text.utf8), options: .fragmentsAllowed)
            let isSame = value.isEqual(to: read)
            #expect(isSame, "\(json.text)")
        }
    }
}

/// Any JSON value, to be written with one program and read with another.
private indirect enum Value {
    case null
    case bool(Bool)
    case integer(Int64)
    case number(Double)
    case text(String)
    case array([Value])
    case object([(String, Value)])

    static func random(depth: Int, _ random: inout SeededGenerator) -> Value {
        switch Int.random(in: 0..<(depth > 0 ? 7 : 5), using: &random) {
        case 0: return .null
        case 1: return .bool(.random(using: &random))
        case 2: return .integer(Int64(bitPattern: random.next()) >> Int64.random(in: 0..<63))
        case 3:
            let number = Double(bitPattern: random.next())
            return .number(abs(number) < 1e100 && abs(number) > 1e-100 ? number : 0)
        case 4: return .text(text(&random))
        case 5:
            return .array(
                (0..<Int.random(in: 0..<5, using: &random)).map { _ in
                    .random(depth: depth - 1, &random)
                })
        default:
            return .object(
                (0..<Int.random(in: 0..<5, using: &random)).map { index in
                    ("\(index)" + text(&random), .random(depth: depth - 1, &random))
                })
        }
    }

    private static func text(_ random: inout SeededGenerator) -> String {
        var text = String.UnicodeScalarView()
        for _ in 0..<Int.random(in: 0..<8, using: &random) {
            let limit: UInt32 = Bool.random(using: &random) ? 0x80 : 0x110000
            if let scalar = Unicode.Scalar(.random(in: 0..<limit, using: &random)) {
                text.append(scalar)
            }
        }
        return String(text)
    }

    func write(to json: inout JSONWriter) {
        switch self {
        case .null: json.value(nil as String?)
        case .bool(let flag): json.raw(flag ? "true" : "false")
        case .integer(let number): json.value(number)
        case .number(let number): json.value(number)
        case .text(let text): json.value(text)
        case .array(let values):
            json.array { json in
                for value in values { value.write(to: &json) }
            }
        case .object(let fields):
            json.object { json in
                for (name, value) in fields {
                    json.field(name) { json in value.write(to: &json) }
                }
            }
        }
    }

    /// Whether `read` is this value as JSONSerialization returns it.
    func isEqual(to read: Any) -> Bool {
        switch self {
        case .null: return read is NSNull
        case .bool(let flag): return (read as? Bool) == flag
        case .integer(let number): return (read as? NSNumber)?.int64Value == number
        case .number(let number):
            // Foundation reads through Decimal here, which costs the last digits.
            guard let read = (read as? NSNumber)?.doubleValue else { return false }
            return abs(read - number) <= abs(number) * 1e-14
        case .text(let text):
            return (read as? String).map { Array($0.utf8) == Array(text.utf8) } ?? false
        case .array(let values):
            guard let list = read as? [Any], list.count == values.count else { return false }
            return zip(values, list).allSatisfy { $0.isEqual(to: $1) }
        case .object(let fields):
            guard let object = read as? [String: Any], object.count == fields.count else {
                return false
            }
            return fields.allSatisfy { name, value in
                object.contains {
                    Array($0.key.utf8) == Array(name.utf8) && value.isEqual(to: $0.value)
                }
            }
        }
    }
}
