/// Leaves archives where they are.
public struct ShipNothing: Shipper {
    /// A shipper that has nothing to do.
    public init() {}

    /// False.
    public var isShipping: Bool { false }

    /// Is never called; whoever calls it all the same learns that nothing was shipped.
    public func begin(archive: String) throws(BusError) -> any Shipment {
        throw .failed(verb: "ship", object: archive, reason: "there is no ship=COMMAND")
    }
}
