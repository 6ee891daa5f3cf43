@testable import Observers

// The module's functions for a line that is an array: a Span cannot be named inside `#expect`.

extension DecimalNumber {
    init?(_ line: [UInt8]) { self.init(line.span, at: 0) }

    func double(in line: [UInt8], shiftedBy shift: Int = 0) -> Double {
        double(in: line.span, shiftedBy: shift)
    }

    func isRepresentable(in line: [UInt8]) -> Bool { isRepresentable(in: line.span) }
}

extension LineText {
    func text(in line: [UInt8]) -> String { text(in: line.span) }
    func bytes(in line: [UInt8]) -> [UInt8] { bytes(in: line.span) }
    func holds(_ text: String, in line: [UInt8]) -> Bool { holds(Array(text.utf8), in: line.span) }
}

extension JSONScanner {
    mutating func nextValue(in line: [UInt8]) throws(JSONError) -> JSONValue {
        try nextValue(in: line.span)
    }

    mutating func nextMember(in line: [UInt8]) throws(JSONError) -> LineText? {
        try nextMember(in: line.span)
    }

    mutating func skip(_ value: JSONValue, in line: [UInt8]) throws(JSONError) {
        try skip(value, in: line.span)
    }

    mutating func finish(in line: [UInt8]) throws(JSONError) { try finish(in: line.span) }
}

extension StageNames {
    mutating func identify(_ name: String, hint: Int = 0) -> StageID {
        identify(Array(name.utf8).span, hint: hint)
    }
}

extension CivilTime {
    init?(loggingPrefixOf line: [UInt8]) { self.init(loggingPrefixOf: line.span) }
}

extension Timestamp {
    init?(accessLogTime text: [UInt8]) { self.init(accessLogTime: text.span, at: 0) }
    init?(iso8601 text: [UInt8]) { self.init(iso8601: text.span) }
}
