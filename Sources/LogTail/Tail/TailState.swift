internal import Checkpoint
internal import Foundation

/// What a tail remembers of its past: its checkpoint, read back.
struct TailMemory {
    /// Where reading stood; nil for a path that was never read.
    var position: Position?
    var state: TailState?
    /// Stage names that the source already has.
    var knownStages: [String] = []
    var bytesRead: Int64 = 0
    var linesMatched: Int64 = 0
    var linesUnparsed: Int64 = 0
    /// True where the checkpoint has a state that does not read back.
    private(set) var isDamaged = false

    init() {}

    /// What a checkpoint remembers.
    init(_ record: CheckpointRecord) {
        position = record.position
        state = TailState.decode(record.state)
        bytesRead = record.bytesRead
        linesMatched = record.linesMatched
        linesUnparsed = record.linesUnparsed
        isDamaged = record.state != nil && state == nil
    }

    /// The generations that are known; without a state only the one of the position is.
    var generations: [Generation.Record] {
        if let state { return state.generations }
        guard let position, position.offset > 0 else { return [] }
        return [
            Generation.Record(
                position: position, modified: .max, target: nil, isWanted: true, isLeft: false,
                hadOversizedLine: false)
        ]
    }
}

/// The state column of a checkpoint: everything besides the position that a restart must not
/// change. Version 1.
struct TailState: Decodable {
    /// The version this build writes, and the only one it reads.
    static let version = 1

    /// Open episodes and the line clock.
    let episodes: EpisodeState
    /// Lines in a row that did not parse.
    let drift: DriftDetector
    /// The generations that are known, up to the youngest of which a line was read; all that is
    /// younger is still to be read. Behind them those of which nothing was read yet, but that a
    /// symlink led to.
    let generations: [Generation.Record]
    /// When bytes of the path were last read, nanoseconds since the epoch, for `status`.
    let lastRead: Int64?
    /// Lines that were passed over because they are too long.
    let linesOversized: Int64
    /// The youngest sibling there was that is compressed in a way that is not read.
    let youngestForeign: ForeignArchive?

    enum Key: String, CodingKey {
        case version = "v"
        case lastRead = "read"
        case linesOversized = "oversized"
        case youngestForeign = "foreign"
        case episodes, drift, generations
    }

    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: Key.self)
        try fields.requireVersion(Self.version, forKey: .version, of: "tail")
        episodes = try fields.decode(EpisodeState.self, forKey: .episodes)
        drift = try fields.decode(DriftDetector.self, forKey: .drift)
        generations = try fields.decode([StoredGeneration].self, forKey: .generations)
            .compactMap(\.record)
        lastRead = try fields.decodeIfPresent(Int64.self, forKey: .lastRead)
        linesOversized = try fields.decodeIfPresent(Int64.self, forKey: .linesOversized) ?? 0
        youngestForeign = try fields.decodeIfPresent(
            ForeignArchive.self, forKey: .youngestForeign)
    }

    /// The state a checkpoint holds; nil where there is none or where it cannot be read, which
    /// costs an episode that was open, and what only older generations could tell.
    static func decode(_ text: String?) -> TailState? {
        text.flatMap { try? JSONDecoder().decode(TailState.self, from: Data($0.utf8)) }
    }

    /// Writes the text that ``decode(_:)`` reads.
    static func encode(
        _ interpreter: borrowing LineInterpreter, _ generations: [Generation.Record],
        lastRead: Int64?, linesOversized: Int64, _ youngestForeign: ForeignArchive?
    ) -> String {
        var json = JSONWriter()
        json.object { json in
            json.field("v", version)
            interpreter.writeState(to: &json)
            json.field("read", lastRead)
            if linesOversized > 0 { json.field("oversized", linesOversized) }
            if let youngestForeign { json.field("foreign") { youngestForeign.write(to: &$0) } }
            json.field("generations") { json in
                json.array { json in
                    let traced = generations.count { $0.position.offset > 0 } - 2
                    for (index, record) in generations.enumerated() {
                        StoredGeneration.write(record, isTraced: index >= traced, to: &json)
                    }
                }
            }
        }
        return json.text
    }
}

/// A generation as a checkpoint keeps it.
private struct StoredGeneration: Decodable {
    let record: Generation.Record?

    private enum Key: String, CodingKey {
        case device, inode, offset, fingerprint, trail, modified, target, wanted, left, oversized
        case finished
    }

    static func write(
        _ record: Generation.Record, isTraced: Bool, to json: inout JSONWriter
    ) {
        func field(_ key: Key) -> String { key.rawValue }
        json.object { json in
            json.field(field(.device), record.position.identity.device)
            json.field(field(.inode), record.position.identity.inode)
            json.field(field(.offset), record.position.offset)
            json.field(field(.fingerprint), record.position.fingerprintText)
            json.field(field(.modified), record.modified)
            json.field(field(.target), record.target)
            json.field(field(.wanted), record.isWanted)
            json.field(field(.left), record.isLeft)
            json.field(field(.oversized), record.hadOversizedLine)
            json.field(field(.finished), record.isFinished)
            // A copy that was made before the last lines were read is one of a young generation.
            guard record.isWanted || isTraced else { return }
            json.field(field(.trail)) { json in
                json.array { json in
                    for mark in record.trail.marks { json.raw(mark.json) }
                }
            }
        }
    }

    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: Key.self)
        let position = Position(
            device: try fields.decode(UInt64.self, forKey: .device),
            inode: try fields.decode(UInt64.self, forKey: .inode),
            offset: try fields.decode(Int64.self, forKey: .offset),
            fingerprintText: try fields.decode(String.self, forKey: .fingerprint))
        let marks = try fields.decodeIfPresent([String].self, forKey: .trail) ?? []
        record = try position.map { position in
            Generation.Record(
                position: position, trail: Trail(marks.compactMap(Trail.Mark.init(text:))),
                modified: try fields.decode(Int64.self, forKey: .modified),
                target: try fields.decodeIfPresent(String.self, forKey: .target),
                isWanted: try fields.decode(Bool.self, forKey: .wanted),
                isLeft: try fields.decode(Bool.self, forKey: .left),
                hadOversizedLine: try fields.decode(Bool.self, forKey: .oversized),
                isFinished: try fields.decode(Bool.self, forKey: .finished))
        }
    }
}
