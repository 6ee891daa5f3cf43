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
    /// When the generation of the position had last changed, nanoseconds since the epoch.
    let modified: Int64?
    /// True once a line of the generation was too long.
    let oversized: Bool
    /// True where the generation was read to its end and then deleted.
    let finished: Bool
    /// Generations that were read to their end but may still grow.
    let draining: [Position]

    private enum Key: String, CodingKey {
        case version = "v"
        case episodes, drift, modified, oversized, finished, draining
    }

    private struct StoredPosition: Decodable {
        let device: UInt64
        let inode: UInt64
        let offset: Int64
        let fingerprint: String
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
        modified = try fields.decodeIfPresent(Int64.self, forKey: .modified)
        oversized = try fields.decode(Bool.self, forKey: .oversized)
        finished = try fields.decode(Bool.self, forKey: .finished)
        draining = try fields.decode([StoredPosition].self, forKey: .draining).compactMap {
            Position(
                device: $0.device, inode: $0.inode, offset: $0.offset,
                fingerprintText: $0.fingerprint)
        }
    }

    /// The state a checkpoint holds; nil where there is none or where it cannot be read, which
    /// costs an episode that was open and nothing else.
    static func decode(_ text: String?) -> TailState? {
        text.flatMap { try? JSONDecoder().decode(TailState.self, from: Data($0.utf8)) }
    }

    /// Writes the text that ``decode(_:)`` reads.
    static func encode(
        _ interpreter: LineInterpreter, modified: Int64?, oversized: Bool, finished: Bool,
        draining: [Position]
    ) -> String {
        var json = JSONWriter()
        json.object { json in
            json.field("v", version)
            interpreter.writeState(to: &json)
            json.field("modified", modified)
            json.field("oversized", oversized)
            json.field("finished", finished)
            json.field("draining") { json in
                json.array { json in
                    for position in draining {
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
