public import Checkpoint
internal import GRDB
public import LogTail

/// A row of the checkpoints table as it stands there, for `status` and for starting again.
public struct CheckpointRow: Equatable, Sendable {
    /// The telemetry source.
    public var source: String
    /// The path followed.
    public var path: String
    /// The number of the device of the file being read.
    public var device: UInt64
    /// The number of its inode.
    public var inode: UInt64
    /// Just past the last complete line whose effects are recorded.
    public var offset: Int64
    /// What the bytes before the offset say; see ``position``.
    public var fingerprint: String
    /// The tail's state at that position, JSON: open episodes, line clock, drift.
    public var state: String?
    /// Bytes of complete lines read so far, in all generations.
    public var bytesRead: Int64
    /// Lines that were observations.
    public var linesMatched: Int64
    /// Lines with the marker that did not parse.
    public var linesUnparsed: Int64
    /// When it was written, `2026-06-13T08:55:01.123Z`.
    public var updatedAt: String

    /// The position; nil where the fingerprint is of a version this build does not know.
    public var position: Position? {
        Position(device: device, inode: inode, offset: offset, fingerprintText: fingerprint)
    }

    /// The row as the engine takes it; nil as ``position``.
    public var record: CheckpointRecord? {
        position.map {
            CheckpointRecord(
                source: source, path: path, position: $0, state: state, bytesRead: bytesRead,
                linesMatched: linesMatched, linesUnparsed: linesUnparsed)
        }
    }

    static let columns = """
        source, path, device, inode, offset, fingerprint, episode, bytes_read, lines_matched, \
        lines_unparsed, updated_at
        """

    init(_ row: Row) {
        source = row[0]
        path = row[1]
        device = UInt64(bitPattern: row[2] as Int64)
        inode = UInt64(bitPattern: row[3] as Int64)
        offset = row[4]
        fingerprint = row[5]
        state = row[6]
        bytesRead = row[7]
        linesMatched = row[8]
        linesUnparsed = row[9]
        updatedAt = row[10]
    }
}
