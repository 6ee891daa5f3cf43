internal import GRDB

/// How far a sink has delivered, a row of the bus_positions table.
public struct BusPosition: Equatable, Sendable {
    /// The sink's name.
    public var sink: String
    /// The `seq` of the last row it has delivered.
    public var seq: Int64
    /// When it was written, `2026-06-13T08:55:01.123Z`.
    public var updatedAt: String
    /// How many rows come after it.
    public var backlog: Int64

    init(_ row: Row) {
        sink = row[0]
        seq = row[1]
        updatedAt = row[2]
        backlog = row[3]
    }
}
