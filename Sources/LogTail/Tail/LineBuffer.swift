internal import Syscalls

/// The one block that all files of a daemon are read through, so that a thousand quiet files cost
/// no buffers.
///
/// Layout during a read: the carry (bytes that were read before), then the new bytes. Lines are
/// cut out of it in place; what follows the last newline becomes the next carry.
struct LineBuffer {
    /// Large enough that a read's fixed cost disappears, small enough to stay in the second-level
    /// cache; throughput is flat from 64 KiB to 1 MiB.
    static let blockBytes = 256 * 1_024

    /// The carry, the new bytes, and room.
    private(set) var storage: [UInt8]

    /// How many bytes of the storage are valid.
    private(set) var count = 0

    /// Reads ahead of whoever reads through this buffer; nil where not much is left to read.
    private(set) var ahead: ReadAhead?

    init() {
        storage = [UInt8](repeating: 0, count: Self.blockBytes)
    }

    /// Starts over with bytes that were read before, and room for a block after them.
    mutating func load(_ carry: [[UInt8]]) {
        count = 0
        let needed = carry.reduce(Self.blockBytes) { $0 + $1.count }
        if storage.count < needed {
            storage.append(contentsOf: repeatElement(0, count: needed - storage.count))
        }
        for piece in carry {
            storage.replaceSubrange(count..<count + piece.count, with: piece)
            count += piece.count
        }
    }

    /// Lets `read` fill the room from `index` on, up to a block after the carry; the bytes it says
    /// it wrote become valid.
    mutating func fill(
        from index: Int, _ read: (inout [UInt8], Range<Int>) throws(SystemCallError) -> Int
    ) throws(SystemCallError) {
        count = index + (try read(&storage, index..<count + Self.blockBytes))
    }

    /// Begins to read ahead where much is left. Without a thread all is read just the same.
    mutating func readAhead(_ errand: Errand) {
        guard errand.isWorthwhile else { return }
        if ahead == nil { ahead = try? ReadAhead() }
        ahead?.begin(errand)
    }

    /// What was read ahead of `source` from `offset` on; nil where nothing was.
    func linesAhead(of source: any ByteSource, at offset: Int64) -> LinesAhead? {
        ahead?.take(of: source, at: offset)
    }

    /// Gives back what reading a backlog took: a thread, and the memory of a long line.
    mutating func shrink() {
        ahead = nil
        if storage.count > 2 * Self.blockBytes { self = LineBuffer() }
    }
}
