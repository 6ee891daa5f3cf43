internal import Foundation
public import Observers

/// What the state of a tail tells whoever looks at its checkpoint from outside.
public struct TailSummary: Decodable, Sendable {
    /// True while lines with the marker do not parse.
    public let isDrifting: Bool
    /// When bytes of the path were last read; nil where it is not known.
    public let lastRead: Timestamp?
    /// Lines that were passed over because they are too long.
    public let linesOversized: Int64

    /// Reads what is told, whatever else stands there and in whatever version.
    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: TailState.Key.self)
        isDrifting = try fields.decode(DriftDetector.self, forKey: .drift).isDrifting
        lastRead = try fields.decodeIfPresent(Int64.self, forKey: .lastRead)
            .map { Timestamp(nanoseconds: $0) }
        linesOversized = try fields.decodeIfPresent(Int64.self, forKey: .linesOversized) ?? 0
    }

    /// The summary of the state that a checkpoint holds; nil where there is none or where it
    /// cannot be read.
    public static func decode(_ state: String?) -> TailSummary? {
        state.flatMap { try? JSONDecoder().decode(TailSummary.self, from: Data($0.utf8)) }
    }
}
