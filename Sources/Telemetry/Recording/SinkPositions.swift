/// Durable positions of sinks, the bus_positions table.
public protocol SinkPositions: AnyObject, Sendable {
    /// The `seq` of the last row that `sink` has delivered; nil where it is new.
    func position(of sink: String) throws(TelemetryError) -> Int64?

    /// Records that `sink` has delivered everything up to `seq`. Safe on any thread.
    func move(_ sink: String, to seq: Int64) throws(TelemetryError)

    /// The same without waiting for another program that writes to the database, since the daemon
    /// would have to wait too; false where one does. Safe on any thread.
    func tryMove(_ sink: String, to seq: Int64) throws(TelemetryError) -> Bool
}
