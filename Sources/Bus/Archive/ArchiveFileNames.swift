internal import Observers
internal import Syscalls

/// The files of an archive: the one that is written, its archives, and what a rotation leaves
/// behind on the way.
struct ArchiveFileNames: Sendable {
    /// A rotated and compressed file.
    struct Archive: Equatable, Sendable {
        /// Its path.
        let path: String
        /// Its place among the others: seconds since the epoch, or its number with a minus sign.
        let order: Int64
    }

    /// The file that is written.
    let path: String
    let scheme: ArchiveFileOptions.Names

    var folder: String { Folder.parent(of: path) }
    /// Keeps the processes that write apart, and holds the ledger.
    var lock: String { path + ".lock" }
    /// The file that is being compressed.
    var frozen: String { path + ".rotating" }
    /// What is compressed of it so far; worth nothing.
    var temporary: String { path + ".rotating.gz.tmp" }
    /// All of it, still without its name.
    var complete: String { path + ".rotating.gz" }

    /// Stands beside an archive that is still to be shipped.
    static func marker(of archive: String) -> String { archive + Self.markerEnding }

    private static let markerEnding = ".unshipped"

    /// The path of the archive at a place in the order.
    func archive(_ order: Int64) -> String {
        switch scheme {
        case .timestamp: "\(path).\(Self.stamp(order)).gz"
        case .numbered: "\(path).\(-order).gz"
        }
    }

    /// The archives, oldest first.
    func archives() throws(SystemCallError) -> [Archive] {
        try list(ending: ".gz")
    }

    /// The archives that have a marker, oldest first, whether they are still there or not.
    func marked() throws(SystemCallError) -> [Archive] {
        try list(ending: ".gz" + Self.markerEnding)
    }

    private func list(ending: String) throws(SystemCallError) -> [Archive] {
        let prefix = Folder.name(of: path) + "."
        let names = try Folder.names(in: folder) ?? []
        return names.compactMap { name in
            guard name.hasPrefix(prefix), name.hasSuffix(ending),
                name.utf8.count > prefix.utf8.count + ending.utf8.count
            else { return nil }
            return order(name.dropFirst(prefix.count).dropLast(ending.count)).map { order in
                Archive(path: archive(order), order: order)
            }
        }.sorted { $0.order < $1.order }
    }

    private func order(_ text: Substring) -> Int64? {
        switch scheme {
        case .timestamp: Self.second(text)
        case .numbered: Int64(text).flatMap { $0 > 0 && String($0) == text ? -$0 : nil }
        }
    }

    /// `20260418T183045Z`
    static func stamp(_ second: Int64) -> String {
        let time = CivilTime(unixSecond: second)
        return padded(time.year, 4) + padded(time.month, 2) + padded(time.day, 2) + "T"
            + padded(time.hour, 2) + padded(time.minute, 2) + padded(time.second, 2) + "Z"
    }

    private static func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }

    private static func second(_ stamp: Substring) -> Int64? {
        let text = Array(stamp.utf8)
        guard text.count == 16 else { return nil }
        func number(_ range: Range<Int>) -> Int {
            Int(String(decoding: text[range], as: UTF8.self)) ?? -1
        }
        let time = CivilTime(
            year: number(0..<4), month: number(4..<6), day: number(6..<8),
            hour: number(9..<11), minute: number(11..<13), second: number(13..<15))
        guard let second = time?.secondsAsUTC, Self.stamp(second) == stamp else { return nil }
        return second
    }
}
