internal import Syscalls

/// What a `file:` URL says: which file, when it is rotated, what is kept.
struct ArchiveFileOptions: Equatable, Sendable {
    /// When the file's bytes are forced to the disk, `fsync=`.
    enum Sync: String, CaseIterable, Sendable {
        /// After each batch of events, before the position moves.
        case event
        /// At most once a second, before the position moves.
        case interval
        /// When the system likes; a power cut can lose events that count as delivered.
        case none
    }

    /// How archives are named, `names=`.
    enum Names: String, CaseIterable, Sendable {
        /// `PATH.20260418T183045Z.gz`; a name never changes.
        case timestamp
        /// `PATH.1.gz`, the youngest, `PATH.2.gz` and so on.
        case numbered
    }

    /// Bytes of the file that no event may pass, except one that is alone; 0: never rotated.
    var maxSize: Int64 = 10 << 20
    /// Archives that are kept; 0: all.
    var maxFiles: Int64 = 5
    /// Bytes of all archives together; 0: no limit.
    var maxTotal: Int64 = 0
    var sync = Sync.interval
    var names = Names.timestamp
    /// A shell command that is given each archive.
    var ship: String?

    private static let form =
        "file:PATH?max-size=10MiB&max-files=5&max-total=0&fsync=event|interval|none"
        + "&names=timestamp|numbered&ship=COMMAND"

    /// The absolute path and the options of a URL's part after `file:`.
    static func parse(
        _ location: BusLocation
    ) throws(BusError) -> (path: String, options: ArchiveFileOptions) {
        do {
            let parts = location.rest.split(
                separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
            let path = try absolutePath(decoded(parts[0]))
            return (path, parts.count == 2 ? try options(parts[1]) : ArchiveFileOptions())
        } catch {
            throw .badURL(location.url, reason: "\(error.reason); the form is \(form)")
        }
    }

    /// What is wrong with a URL.
    private struct Refusal: Error {
        let reason: String
    }

    private static func absolutePath(_ path: String) throws(Refusal) -> String {
        guard !path.isEmpty else { throw Refusal(reason: "the path is missing") }
        guard !path.utf8.contains(0) else { throw Refusal(reason: "the path holds a zero byte") }
        guard !path.hasPrefix("//") || path.hasPrefix("///") else {
            throw Refusal(reason: "it names a host; a path has one slash or three")
        }
        // One file has one name, under which its position is kept.
        let names = Folder.absolute(path).split(separator: "/", omittingEmptySubsequences: false)
        guard let last = names.last, !["", ".", ".."].contains(last) else {
            throw Refusal(reason: "the path is that of a folder")
        }
        return names.filter { !["", "."].contains($0) }.map { "/\($0)" }.joined()
    }

    private static func options(_ query: Substring) throws(Refusal) -> ArchiveFileOptions {
        var options = ArchiveFileOptions()
        var seen: Set<Substring> = []
        for field in query.split(separator: "&", omittingEmptySubsequences: false) {
            let parts = field.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let key = parts[0]
            guard !key.isEmpty, parts.count == 2, !parts[1].isEmpty else {
                throw Refusal(reason: "\(key.isEmpty ? "an option" : "\(key)") has no value")
            }
            guard seen.insert(key).inserted else { throw Refusal(reason: "\(key) comes twice") }
            try options.set(key, decoded(parts[1]))
        }
        guard options.ship == nil || options.names == .timestamp else {
            throw Refusal(
                reason: "ship needs names=timestamp: a numbered archive is renamed by the next "
                    + "rotation, perhaps while the command reads it")
        }
        return options
    }

    private mutating func set(_ key: Substring, _ value: String) throws(Refusal) {
        switch key {
        case "max-size": maxSize = try Self.size(key, value)
        case "max-total": maxTotal = try Self.size(key, value)
        case "max-files": maxFiles = try Self.count(key, value)
        case "fsync": sync = try Self.choice(key, value)
        case "names": names = try Self.choice(key, value)
        case "ship":
            guard value.contains(where: { !$0.isWhitespace }) else {
                throw Refusal(reason: "ship has no value")
            }
            ship = value
        default: throw Refusal(reason: "there is no option \(key)")
        }
    }

    private static func size(_ key: Substring, _ value: String) throws(Refusal) -> Int64 {
        let units = [("KiB", 10), ("MiB", 20), ("GiB", 30)]
        let unit = units.first { value.hasSuffix($0.0) }
        let digits = value.dropLast(unit?.0.count ?? 0)
        let factor = Int64(1) << (unit?.1 ?? 0)
        guard let number = number(digits) else {
            throw Refusal(
                reason: "\(key)=\(value) is no size; it takes bytes, or KiB, MiB, GiB: 10MiB")
        }
        let (size, overflow) = number.multipliedReportingOverflow(by: factor)
        guard !overflow else { throw Refusal(reason: "\(key)=\(value) is too large") }
        return size
    }

    private static func count(_ key: Substring, _ value: String) throws(Refusal) -> Int64 {
        guard let number = number(value[...]) else {
            throw Refusal(reason: "\(key)=\(value) is no number")
        }
        return number
    }

    /// Digits alone: `Int64` would take a sign too.
    private static func number(_ digits: Substring) -> Int64? {
        guard digits.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
        else { return nil }
        return Int64(digits)
    }

    private static func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ key: Substring, _ value: String
    ) throws(Refusal) -> Choice {
        guard let choice = Choice(rawValue: value) else {
            let known = Choice.allCases.map(\.rawValue).joined(separator: ", ")
            throw Refusal(reason: "\(key)=\(value) is none of \(known)")
        }
        return choice
    }

    /// The text with `%26` and the like replaced by what they stand for.
    private static func decoded(_ text: Substring) throws(Refusal) -> String {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            let digits = rest.prefix(2)
            guard digits.count == 2, digits.first != UInt8(ascii: "+"),
                let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 16)
            else { throw Refusal(reason: "% must be written as %25") }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        guard let decoded = String(validating: bytes, as: UTF8.self) else {
            throw Refusal(reason: "it is not UTF-8")
        }
        return decoded
    }
}
