public import Syscalls

/// Takes finished archives elsewhere.
public protocol Shipper: Sendable {
    /// Begins to ship the archive at a path, which no longer changes, and returns at once. It may
    /// be asked for the same archive again: after a failure, and after a crash.
    func begin(archive: String) throws(SystemCallError) -> any Shipment
}

/// An archive on its way.
public protocol Shipment: AnyObject {
    /// A descriptor that can be read from once there is an ``outcome``.
    var number: Int32 { get }

    /// How it went; nil while it is on its way.
    var outcome: ShipmentOutcome? { get }

    /// Gives it up, at once.
    func cancel()
}

/// How the shipment of an archive ended.
public enum ShipmentOutcome: Equatable, Sendable {
    /// It has arrived, and need not be shipped again.
    case shipped
    /// It has not, for this reason.
    case failed(String)
}
