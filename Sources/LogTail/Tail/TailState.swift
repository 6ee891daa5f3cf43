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
    /// How far reading of the generations is, besides the position.
    let progress: Progress

    /// What a checkpoint tells of the generations around its position.
    struct Progress {
        /// When the generation of the position had last changed, nanoseconds since the epoch.
        var modified: Int64?
        /// When bytes of the path were last read, nanoseconds since the epoch.
        var lastRead: Int64?
        /// True where reading has moved on from it already.
        var isLeft = false
        /// True where it was read to its end and then deleted.
        var isFinished = false
        /// True once a line of the generation being read was too long.
        var hadOversizedLine = false
        /// Generations that were read to their end but may still grow.
        var draining: [Position] = []
    }

    private enum Key: String, CodingKey {
        case version = "v"
        case lastRead = "read"
        case episodes, drift, modified, left, finished, oversized, draining
    }

    private struct StoredPosition: Decodable {
        let device: UInt64
        let inode: UInt64
        let offset: Int64
        let fingerprint: String

        var position: Position? {
            Position(device: device, inode: inode, offset: offset, fingerprintText: fingerprint)
        }
    }

    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: Key.self)
        let version = try fields.decode(Int.self, forKey: .version)
        guard version == Self.version else {
            throw DecodingError.dataCorruptedError(
                forKey: .version, in: fields,
                debugDescription: "tail state of version \(version), not \(Self.version)")
        }
        episodes = try fields.decode(EpisodeState.self, forKey: .episodes)
        drift = try fields.decode(DriftDetector.self, forKey: .drift)
        var progress = Progress()
        progress.modified = try fields.decodeIfPresent(Int64.self, forKey: .modified)
        progress.lastRead = try fields.decodeIfPresent(Int64.self, forKey: .lastRead)
        progress.isLeft = try fields.decode(Bool.self, forKey: .left)
        progress.isFinished = try fields.decode(Bool.self, forKey: .finished)
        progress.hadOversizedLine = try fields.decode(Bool.self, forKey: .oversized)
        progress.draining = try fields.decode([StoredPosition].self, forKey: .draining)
            .compactMap(\.position)
        self.progress = progress
    }

    /// The state a checkpoint holds; nil where there is none or where it cannot be read, which
    /// costs an episode that was open and nothing else.
    static func decode(_ text: String?) -> TailState? {
        text.flatMap { try? JSONDecoder().decode(TailState.self, from: Data($0.utf8)) }
    }

    /// Writes the text that ``decode(_:)`` reads.
    static func encode(_ interpreter: LineInterpreter, _ progress: Progress) -> String {
        var json = JSONWriter()
        json.object { json in
            json.field("v", version)
            interpreter.writeState(to: &json)
            json.field("modified", progress.modified)
            json.field("read", progress.lastRead)
            json.field("left", progress.isLeft)
            json.field("finished", progress.isFinished)
            json.field("oversized", progress.hadOversizedLine)
            json.field("draining") { json in
                json.array { json in
                    for position in progress.draining {
                        json.object { json in
                            json.field("device", position.identity.device)
                            json.field("inode", position.identity.inode)
                            json.field("offset", position.offset)
                            json.field("fingerprint", position.fingerprintText)
                        }
                    }
                }
            }
        }
        return json.text
    }
}
