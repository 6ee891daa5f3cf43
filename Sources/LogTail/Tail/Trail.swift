internal import Checkpoint

/// Places that reading of a generation has passed, with the bytes before each: they tell a file
/// that was cut back, or a copy that was made a little before the last read, from another log.
///
/// The places lie close together near the end and further apart towards the beginning.
struct Trail: Equatable {
    /// A place and what the bytes just before it are; all bytes before it, where it lies in the
    /// head.
    struct Mark: Equatable {
        let offset: Int64
        let tail: Fingerprint.Stretch
        /// The mark as a checkpoint keeps it, `"<offset> <length>:<digest>"`. It is written once,
        /// where each checkpoint holds all marks.
        let json: String

        init(offset: Int64, tail: Fingerprint.Stretch) {
            self.offset = offset
            self.tail = tail
            var bytes: [UInt8] = []
            bytes.append(UInt8(ascii: "\""))
            bytes.append(decimal: offset)
            bytes.append(UInt8(ascii: " "))
            tail.append(to: &bytes)
            bytes.append(UInt8(ascii: "\""))
            json = String(decoding: bytes, as: UTF8.self)
        }

        /// A mark from its text, without the quotes; nil where it is not one.
        init?(text: String) {
            let parts = text.split(separator: " ")
            guard parts.count == 2, let offset = Int64(parts[0]), offset >= 0,
                let tail = Fingerprint.Stretch(text: parts[1])
            else { return nil }
            self.init(offset: offset, tail: tail)
        }
    }

    /// Marks at the most; a kilobyte of a checkpoint.
    static let limit = 16

    private(set) var marks: [Mark]

    init(_ marks: [Mark] = []) {
        self.marks = marks
    }

    /// Adds a place further on.
    mutating func add(_ offset: Int64, _ tail: Fingerprint.Stretch) {
        if let last = marks.last, last.offset >= offset { return }
        marks.append(Mark(offset: offset, tail: tail))
        guard marks.count > Self.limit else { return }
        // The first that is long enough to recognise a log by stays: it may be cut back to there.
        let first = marks.firstIndex { $0.offset >= Int64(Fingerprint.tailBytes) }
        for index in stride(from: Self.limit / 2 - 1, through: 1, by: -2) where index != first {
            marks.remove(at: index)
        }
    }

    /// The trail up to `offset`.
    func cut(to offset: Int64) -> Trail {
        Trail(marks.filter { $0.offset <= offset })
    }

    /// The furthest place no further than `length`.
    func last(within length: Int64) -> Mark? {
        marks.last { $0.offset <= length }
    }
}
