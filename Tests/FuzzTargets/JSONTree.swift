import Foundation

@testable import Observers

/// A whole JSON value, to compare one reader's with another's: numbers by their bits, strings by
/// their bytes, of keys that come twice the first.
indirect enum JSONTree: Equatable {
    case null
    case bool(Bool)
    case number(UInt64)
    case string([UInt8])
    case array([JSONTree])
    case object([[UInt8]: JSONTree])
}

extension JSONTree {
    /// The tree that ``JSONScanner`` reads; nil where the bytes are not one value.
    init?(scanning bytes: [UInt8]) {
        var json = JSONScanner()
        do throws(JSONError) {
            self = try Self.next(&json, bytes)
            try json.finish(in: bytes.span)
        } catch {
            return nil
        }
    }

    private static func next(
        _ json: inout JSONScanner, _ bytes: [UInt8]
    ) throws(JSONError) -> JSONTree {
        switch try json.nextValue(in: bytes.span) {
        case .null: return .null
        case .bool(let value): return .bool(value)
        case .number(let number): return .number(number.double(in: bytes.span).bitPattern)
        case .string(let text): return .string(text.bytes(in: bytes.span))
        case .array:
            var elements: [JSONTree] = []
            while try json.nextElement(in: bytes.span) { elements.append(try next(&json, bytes)) }
            return .array(elements)
        case .object:
            var members: [[UInt8]: JSONTree] = [:]
            while let key = try json.nextMember(in: bytes.span) {
                let value = try next(&json, bytes)
                let name = key.bytes(in: bytes.span)
                if members[name] == nil { members[name] = value }
            }
            return .object(members)
        }
    }
}

extension JSONTree: Decodable {
    /// The tree that Foundation's decoder reads; nil where it refuses the bytes.
    init?(decoding bytes: [UInt8]) {
        guard let tree = try? JSONDecoder().decode(JSONTree.self, from: Data(bytes)) else {
            return nil
        }
        self = tree
    }

    init(from decoder: any Decoder) throws {
        if let container = try? decoder.container(keyedBy: Key.self) {
            var members: [[UInt8]: JSONTree] = [:]
            for key in container.allKeys {
                let value = try container.decode(JSONTree.self, forKey: key)
                members[Array(key.stringValue.utf8)] = value
            }
            self = .object(members)
        } else if var container = try? decoder.unkeyedContainer() {
            var elements: [JSONTree] = []
            while !container.isAtEnd { elements.append(try container.decode(JSONTree.self)) }
            self = .array(elements)
        } else {
            self = try Self.leaf(decoder.singleValueContainer())
        }
    }

    private static func leaf(_ container: any SingleValueDecodingContainer) throws -> JSONTree {
        if container.decodeNil() { return .null }
        if let value = try? container.decode(Bool.self) { return .bool(value) }
        if let value = try? container.decode(Double.self) { return .number(value.bitPattern) }
        return .string(Array(try container.decode(String.self).utf8))
    }

    private struct Key: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }

        init?(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }
}
