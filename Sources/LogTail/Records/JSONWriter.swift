internal import Checkpoint
internal import Observers

/// Builds one compact JSON value, byte by byte and in a fixed order of keys.
///
/// Rows are written by the thousand when a backlog of breaches is read, and Foundation's encoder
/// costs more there than everything else a line needs.
///
/// ```swift
/// var json = JSONWriter()
/// json.object { json in
///     json.field("count", 3)
///     json.field("stage", nil as String?)
/// }
/// json.text  // {"count":3,"stage":null}
/// ```
public struct JSONWriter {
    private var bytes: [UInt8] = []
    private var needsComma = false

    /// A writer with nothing written.
    public init() {
        // What most rows need, so that the array does not grow step by step.
        bytes.reserveCapacity(256)
    }

    /// What was written so far.
    public var text: String { String(decoding: bytes, as: UTF8.self) }

    /// What was written so far, and a newline.
    public consuming func line() -> [UInt8] {
        bytes.append(UInt8(ascii: "\n"))
        return bytes
    }

    /// Writes an object whose fields `body` writes.
    public mutating func object(_ body: (inout JSONWriter) -> Void) {
        container(UInt8(ascii: "{"), UInt8(ascii: "}"), body)
    }

    /// Writes an array whose elements `body` writes.
    public mutating func array(_ body: (inout JSONWriter) -> Void) {
        container(UInt8(ascii: "["), UInt8(ascii: "]"), body)
    }

    /// Writes a field with a value of its own.
    public mutating func field(_ name: String, _ body: (inout JSONWriter) -> Void) {
        key(name)
        body(&self)
        needsComma = true
    }

    /// Writes a text field, null where there is none.
    public mutating func field(_ name: String, _ value: String?) {
        field(name) { json in json.value(value) }
    }

    /// Writes an integer field, null where there is none.
    public mutating func field(_ name: String, _ value: (some BinaryInteger)?) {
        field(name) { json in json.value(value) }
    }

    /// Writes a number field, null where there is none or where it is not finite.
    public mutating func field(_ name: String, _ value: Double?) {
        field(name) { json in json.value(value) }
    }

    /// Writes a truth field.
    public mutating func field(_ name: String, _ value: Bool) {
        field(name) { json in json.raw(value ? "true" : "false") }
    }

    /// Writes text, or null.
    public mutating func value(_ value: String?) {
        guard let value else { return raw("null") }
        separate()
        string(value)
        needsComma = true
    }

    /// Writes an integer, or null.
    public mutating func value(_ value: (some BinaryInteger)?) {
        guard let value else { return raw("null") }
        guard let small = Int64(exactly: value) else { return raw(String(value)) }
        separate()
        bytes.append(decimal: small)
        needsComma = true
    }

    /// Writes a number with the shortest text that reads back the same, or null.
    public mutating func value(_ value: Double?) {
        guard let value, value.isFinite else { return raw("null") }
        raw(value.description)
    }

    /// Writes text that is JSON already.
    public mutating func raw(_ json: String) {
        separate()
        bytes.append(text: json)
        needsComma = true
    }

    private mutating func container(
        _ open: UInt8, _ close: UInt8, _ body: (inout JSONWriter) -> Void
    ) {
        separate()
        bytes.append(open)
        needsComma = false
        body(&self)
        bytes.append(close)
        needsComma = true
    }

    private mutating func key(_ name: String) {
        separate()
        string(name)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    private mutating func separate() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
        needsComma = false
    }

    private mutating func string(_ value: String) {
        let text = value.utf8.span
        guard text.isPlainInJSON else { return escape(value) }
        bytes.append(addingCapacity: text.count + 2) { output in
            output.append(UInt8(ascii: "\""))
            output.append(text: text)
            output.append(UInt8(ascii: "\""))
        }
    }

    private mutating func escape(_ value: String) {
        bytes.append(UInt8(ascii: "\""))
        for byte in value.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                bytes.append(UInt8(ascii: "\\"))
                bytes.append(byte)
            case UInt8(ascii: "\n"): bytes.append(text: "\\n")
            case UInt8(ascii: "\r"): bytes.append(text: "\\r")
            case UInt8(ascii: "\t"): bytes.append(text: "\\t")
            case 0..<0x20:
                bytes.append(text: byte < 0x10 ? "\\u000" : "\\u00")
                bytes.append(text: String(byte, radix: 16))
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }
}
