/// The fields of an nginx access line that tell how long a request took.
struct NginxLine {
    /// What a time field holds.
    enum Time {
        case absent
        case milliseconds(Double)
        case malformed
    }

    /// The times nginx keeps of its upstreams.
    enum Upstream: Int, CaseIterable {
        case connect
        case header
        case response
    }

    /// When the line was written.
    private(set) var timestamp: Timestamp?
    /// `$request_time`.
    private(set) var request = Time.absent
    private var upstreams = InlineArray<3, Time>(repeating: .absent)

    /// A time of the upstreams, summed over all that were asked.
    func time(_ upstream: Upstream) -> Time { upstreams[upstream.rawValue] }
}

// MARK: - Text

extension NginxLine {
    private static let requestKey = Array("rt=".utf8)
    private static let upstreamKeys = ["uct=", "uht=", "urt="].map { Array($0.utf8) }

    /// The fields of a line of text; nil where a quote does not end.
    ///
    /// They count outside of quotes only, and only after the time in brackets where there is one:
    /// what a client chose is in quotes, except the user name, which stands before the time.
    init?(text line: Span<UInt8>) {
        var index = 0
        var isAtField = true
        while index < line.count {
            if isAtField { readField(line, at: index) }
            isAtField = Self.endsField(line[index])
            if line[index] == UInt8(ascii: "\"") {
                guard let end = Self.endOfQuote(line, from: index) else { return nil }
                index = end
            } else if line[index] == UInt8(ascii: "["),
                let time = Self.bracketedTime(line, at: index)
            {
                self = NginxLine()
                timestamp = time
            }
            index += 1
        }
    }

    private mutating func readField(_ line: Span<UInt8>, at index: Int) {
        // Every key begins with one of these; most fields are none of them.
        guard line[index] == UInt8(ascii: "r") || line[index] == UInt8(ascii: "u") else { return }
        if line.hasBytes(Self.requestKey, at: index) {
            request = Self.value(line, at: index + Self.requestKey.count, as: Self.seconds)
        }
        for upstream in Upstream.allCases {
            let key = Self.upstreamKeys[upstream.rawValue]
            guard line.hasBytes(key, at: index) else { continue }
            upstreams[upstream.rawValue] = Self.value(
                line, at: index + key.count, as: Self.sumOfSeconds)
        }
    }

    /// A field's value, with or without quotes, read by `read`, which must take all of it.
    private static func value(
        _ line: Span<UInt8>, at start: Int,
        as read: (_ line: Span<UInt8>, _ start: Int) -> (time: Time, end: Int)
    ) -> Time {
        let isQuoted = line.hasByte(UInt8(ascii: "\""), at: start)
        let (time, end) = read(line, isQuoted ? start + 1 : start)
        let isWhole =
            isQuoted
            ? line.hasByte(UInt8(ascii: "\""), at: end)
            : end == line.count || endsField(line[end])
        return isWhole ? time : .malformed
    }

    private static func endsField(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"), UInt8(ascii: ","),
            UInt8(ascii: ";"), UInt8(ascii: "|"):
            true
        default: false
        }
    }

    /// Where the quote that begins at `start` ends. nginx never writes a bare quote within one:
    /// it escapes them as `\x22`, or as `\"` with `escape=json`.
    private static func endOfQuote(_ line: Span<UInt8>, from start: Int) -> Int? {
        var index = start + 1
        while index < line.count {
            switch line[index] {
            case UInt8(ascii: "\""): return index
            case UInt8(ascii: "\\"): index += 2
            default: index += 1
            }
        }
        return nil
    }

    /// `[$time_local]` or `[$time_iso8601]` at `index`.
    private static func bracketedTime(_ line: Span<UInt8>, at index: Int) -> Timestamp? {
        if line.hasByte(UInt8(ascii: "]"), at: index + 27) {
            return Timestamp(accessLogTime: line, at: index + 1)
        }
        guard line.hasByte(UInt8(ascii: "]"), at: index + 26) else { return nil }
        return Timestamp(iso8601: line.extracting(index + 1..<index + 26))
    }
}

// MARK: - JSON

extension NginxLine {
    /// The members that are read, the upstreams' first.
    private static let keys = [
        "upstream_connect_time", "upstream_header_time", "upstream_response_time",
        "request_time", "msec", "time",
    ].map { Array($0.utf8) }

    /// The fields of a line that is one JSON object; nil where it is not. Of a key that comes
    /// twice the first counts. nginx copies a client's bytes into strings as they came, so these
    /// need not be UTF-8.
    init?(json line: Span<UInt8>) {
        var json = JSONScanner(requiresUTF8: false)
        do throws(JSONError) {
            guard case .object = try json.nextValue(in: line) else { return nil }
            var met = InlineArray<6, Bool>(repeating: false)
            var (msec, time): (Timestamp?, Timestamp?)
            while let key = try json.nextMember(in: line) {
                let value = try json.nextValue(in: line)
                try json.skip(value, in: line)
                guard let index = Self.keys.firstIndex(where: { key.holds($0, in: line) }),
                    !met[index]
                else { continue }
                met[index] = true
                switch index {
                case 3: request = Self.time(value, line, as: Self.seconds)
                case 4: msec = Self.timestamp(Self.time(value, line, as: Self.seconds))
                case 5: time = Self.timestamp(value, line)
                default: upstreams[index] = Self.time(value, line, as: Self.sumOfSeconds)
                }
            }
            try json.finish(in: line)
            timestamp = msec ?? time
        } catch {
            return nil
        }
    }

    /// A time that is a number, or a string for `read` to take all of.
    private static func time(
        _ value: JSONValue, _ line: Span<UInt8>,
        as read: (_ line: Span<UInt8>, _ start: Int) -> (time: Time, end: Int)
    ) -> Time {
        switch value {
        case .null: return .absent
        case .number(let number): return milliseconds(number, line)
        case .string(let text):
            guard !text.range.isEmpty else { return .absent }
            let (time, end) = read(line, text.range.lowerBound)
            return end == text.range.upperBound ? time : .malformed
        case .bool, .object, .array: return .malformed
        }
    }

    /// The instant that many milliseconds after the epoch; nginx writes no finer ones.
    private static func timestamp(_ sinceEpoch: Time) -> Timestamp? {
        guard case .milliseconds(let value) = sinceEpoch else { return nil }
        let whole = Int64(saturating: value)
        return Timestamp(seconds: whole / 1_000, nanoseconds: whole % 1_000 * 1_000_000)
    }

    private static func timestamp(_ value: JSONValue, _ line: Span<UInt8>) -> Timestamp? {
        guard case .string(let text) = value else { return nil }
        return Timestamp(iso8601: line.extracting(text.range))
    }
}

// MARK: - Seconds

extension NginxLine {
    /// The number of seconds at `start`.
    private static func seconds(_ line: Span<UInt8>, at start: Int) -> (time: Time, end: Int) {
        guard let number = DecimalNumber(line, at: start) else { return (.malformed, start) }
        return (milliseconds(number, line), number.range.upperBound)
    }

    /// The sum of the seconds listed at `start`, one for each upstream that was asked: separated
    /// by `, `, or by ` : ` after an internal redirect; `-` where an upstream was not reached.
    private static func sumOfSeconds(
        _ line: Span<UInt8>, at start: Int
    ) -> (time: Time, end: Int) {
        var sum: Double?
        var index = start
        while true {
            if let number = DecimalNumber(line, at: index) {
                guard case .milliseconds(let value) = milliseconds(number, line) else {
                    return (.malformed, index)
                }
                sum = (sum ?? 0) + value
                index = number.range.upperBound
            } else if line.hasByte(UInt8(ascii: "-"), at: index) {
                index += 1
            } else {
                return (index == start ? .absent : .malformed, index)
            }
            guard let next = nextInList(line, after: index) else { break }
            index = next
        }
        guard let sum else { return (.absent, index) }
        return (sum.isFinite ? .milliseconds(sum) : .malformed, index)
    }

    /// Where the next entry of a list begins; nil at its end. A separator with none after it
    /// belongs to the line, not to the list.
    private static func nextInList(_ line: Span<UInt8>, after index: Int) -> Int? {
        for separator in separators where line.hasBytes(separator, at: index) {
            let next = index + separator.count
            guard next < line.count else { return nil }
            if line[next].isDigit || line[next] == UInt8(ascii: "-") { return next }
        }
        return nil
    }

    private static let separators = [", ", " : "].map { Array($0.utf8) }

    private static func milliseconds(_ number: DecimalNumber, _ line: Span<UInt8>) -> Time {
        let value = number.double(in: line, shiftedBy: 3)
        return value.isFinite ? .milliseconds(value) : .malformed
    }
}
