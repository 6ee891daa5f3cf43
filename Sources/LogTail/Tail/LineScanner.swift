internal import Syscalls

/// Cuts lines out of a block: all of them, or only those around a marker.
///
/// Searching the whole block for the marker and forming lines only around hits is what lets a
/// log be read at the speed of memory; a line without the marker is never looked at.
struct LineScanner {
    /// Every line of interest contains these bytes; nil: every line is of interest.
    let marker: Needle?

    /// Lines end here, and nowhere else: logs hold CR, U+2028 and U+0085 inside lines.
    static let newline = UInt8(ascii: "\n")

    init(marker: String?) {
        self.marker = marker.flatMap(Needle.init)
    }

    /// Calls `body` with each line of interest among the complete lines of `bytes` from `start`
    /// on, without its newline. `end` is just past a newline.
    func forEachLine(
        in bytes: Span<UInt8>, from start: Int, to end: Int, _ body: (Range<Int>) -> Void
    ) {
        let bytes = bytes.extracting(0..<end)
        var from = start
        guard let marker else {
            while let newline = ByteSearch.first(Self.newline, in: bytes, from: from) {
                body(from..<newline)
                from = newline + 1
            }
            return
        }
        while let hit = ByteSearch.first(marker, in: bytes, from: from) {
            let before = ByteSearch.last(Self.newline, in: bytes, before: hit)
            let first = max(from, before.map { $0 + 1 } ?? from)
            guard let newline = ByteSearch.first(Self.newline, in: bytes, from: hit) else { return }
            body(first..<newline)
            from = newline + 1
        }
    }
}
