/// The rotated siblings of a log, by the names that logrotate, Python's handlers, log4j, newsyslog
/// and savelog give them: `log.1`, `log.2.gz`, `log.3.zst`, `log-20260613`,
/// `log.2026-06-13_08-30-01`, `log.20260613T083001Z.gz`, `stem.1.log`, `stem-20260613.log`,
/// `log.old`.
public struct RotationChain: Sendable {
    /// A name that belongs to the chain.
    public struct Sibling: Hashable, Sendable {
        /// The file's name in its folder.
        public let name: String
        /// How it is compressed, by the end of its name; nil where it is not.
        public let compression: Compression?
        /// Its place: what rotates further gets a higher age.
        let age: Age
    }

    /// How a sibling is compressed.
    public enum Compression: Hashable, Sendable {
        /// The one way that is read.
        case gzip
        /// Another way; its name.
        case foreign(String)

        /// The name without its suffix, and what that means; nil where it has none.
        static func split(_ name: String) -> (plain: Substring, Compression)? {
            guard let dot = name.utf8.lastIndex(of: UInt8(ascii: ".")) else { return nil }
            let compression: Compression
            // Each name in a folder is asked for.
            switch String(name[dot...]) {
            case ".gz": compression = .gzip
            case ".zst": compression = .foreign("zstd")
            case ".bz2": compression = .foreign("bzip2")
            case ".xz": compression = .foreign("xz")
            case ".lz4": compression = .foreign("lz4")
            default: return nil
            }
            return (name[..<dot], compression)
        }

        /// How the file of that name or path is compressed; nil where it is not.
        public init?(of name: String) {
            guard let (_, compression) = Self.split(name) else { return nil }
            self = compression
        }
    }

    /// How a name tells its place in the chain.
    enum Age: Hashable, Sendable {
        /// A date or seconds since the epoch, and the time of day or a count behind it, as
        /// numbers; the later the younger.
        case dated([Int])
        /// A count of rotations; the lower the younger.
        case numbered(Int)
    }

    /// The name of the live file.
    public let base: String
    /// What the names of the live file and of all siblings begin with.
    public let stem: Substring
    private let suffix: Substring

    /// The chain of a live file's name.
    public init(base: String) {
        self.base = base
        let dot = base.lastIndex(of: ".").flatMap { $0 == base.startIndex ? nil : $0 }
        stem = base[..<(dot ?? base.endIndex)]
        suffix = base[(dot ?? base.endIndex)...]
    }

    /// The sibling of that name; nil where the name is not one.
    public func sibling(named name: String) -> Sibling? {
        let (plain, compression) = Compression.split(name) ?? (name[...], nil)
        guard let age = age(of: plain) else { return nil }
        return Sibling(name: name, compression: compression, age: age)
    }

    /// The siblings among `names`, oldest first. Of a plain and a compressed sibling with the
    /// same place only the plain one counts: it is being compressed, or was just now. Of two that
    /// are compressed it is the one that can be read.
    public func siblings(among names: [String]) -> [Sibling] {
        var byAge: [Age: Sibling] = [:]
        for sibling in names.compactMap(sibling(named:)) {
            if let other = byAge[sibling.age], other.isPreferred(to: sibling) { continue }
            byAge[sibling.age] = sibling
        }
        return byAge.values.sorted { $0.isOlder(than: $1) }
    }

    /// The live names that `name` could be a rotated sibling of.
    public static func bases(of name: String) -> [String] {
        let plain = Compression.split(name)?.plain ?? name[...]
        var bases: [String] = []
        for start in plain.indices.dropFirst() where "._-".contains(plain[start]) {
            if age(ofTag: plain[start...]) != nil { bases.append(String(plain[..<start])) }
            for dot in plain[start...].indices.dropFirst() where plain[dot] == "." {
                if age(ofTag: plain[start..<dot]) != nil {
                    bases.append(String(plain[..<start] + plain[dot...]))
                }
            }
        }
        return bases
    }

    private func age(of name: Substring) -> Age? {
        if name.hasPrefix(base) {
            return Self.age(ofTag: name.dropFirst(base.count))
        }
        guard !suffix.isEmpty, name.hasPrefix(stem), name.hasSuffix(suffix),
            name.utf8.count > stem.utf8.count + suffix.utf8.count
        else { return nil }
        return Self.age(ofTag: name.dropFirst(stem.count).dropLast(suffix.count))
    }

    /// The age told by what was added to the name, separator included.
    private static func age(ofTag tag: Substring) -> Age? {
        guard let separator = tag.first, "._-".contains(separator) else { return nil }
        let text = tag.dropFirst()
        if separator == "." {
            if text == "old" { return .numbered(1) }
            if text.utf8.count <= 5, text.utf8.allSatisfy(isDigit), let number = Int(text) {
                return .numbered(number)
            }
        }
        return numbers(ofDate: text).map { .dated($0) }
    }

    /// A date with an optional time, count or fraction behind it, or a time in seconds since the
    /// epoch, as numbers; nil where the text is neither. However it is written, the date is the
    /// first number, and a time of day written in one is one number.
    private static func numbers(ofDate text: Substring) -> [Int]? {
        // Also what a hostile name may cost, of which each part is looked at.
        guard text.utf8.count <= 32, text.allSatisfy({ isDateCharacter($0) }) else { return nil }
        let parts = text.split(omittingEmptySubsequences: false) { !$0.isNumber }
        let lengths = parts.map(\.utf8.count)
        if lengths == [10], text.hasPrefix("1") { return Int(text).map { [$0] } }
        // In one, perhaps with a time of day, or in three parts: a port and a process id are
        // neither.
        let isInParts =
            lengths.starts(with: [4, 2, 2]) && text.dropFirst(4).first == text.dropFirst(7).first
        let isInOne = lengths[0] >= 8 && isTimeOfDay(parts[0].dropFirst(8))
        let digits = text.filter(\.isNumber)
        guard isInParts || isInOne, let year = Int(digits.prefix(4)),
            let month = Int(digits.dropFirst(4).prefix(2)),
            let day = Int(digits.dropFirst(6).prefix(2)),
            (1970...2199).contains(year), (1...12).contains(month), (1...31).contains(day)
        else { return nil }
        let behind = text.drop(digits: 8).split { !$0.isNumber }
        return [(year * 100 + month) * 100 + day] + behind.map { Int($0) ?? .max }
    }

    /// Whether digits are hours, minutes and seconds, the last of them left out or not.
    private static func isTimeOfDay(_ digits: Substring) -> Bool {
        var left = digits
        for largest in [23, 59, 60] where !left.isEmpty {
            guard left.utf8.count >= 2, let number = Int(left.prefix(2)), number <= largest else {
                return false
            }
            left = left.dropFirst(2)
        }
        return left.isEmpty
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    private static func isDateCharacter(_ character: Character) -> Bool {
        character.isASCII && (character.isNumber || "-_.:TZ+".contains(character))
    }
}

extension RotationChain.Sibling {
    /// True where this sibling is to be read and not `other`, which has the same place.
    fileprivate func isPreferred(to other: RotationChain.Sibling) -> Bool {
        compression == nil || compression == .gzip && other.compression != nil
    }

    /// True where this sibling was rotated away before `other`.
    func isOlder(than other: RotationChain.Sibling) -> Bool {
        switch (age, other.age) {
        case (.dated(let left), .dated(let right)): left.lexicographicallyPrecedes(right)
        case (.numbered(let left), .numbered(let right)): left > right
        // A scheme that was changed: dates and numbers do not mix otherwise.
        case (.dated, .numbered): true
        case (.numbered, .dated): false
        }
    }
}

extension Substring {
    /// What follows the first so many digits.
    fileprivate func drop(digits count: Int) -> Substring {
        var left = count
        var index = startIndex
        while left > 0, index < endIndex {
            if self[index].isNumber { left -= 1 }
            index = self.index(after: index)
        }
        return self[index...]
    }
}
