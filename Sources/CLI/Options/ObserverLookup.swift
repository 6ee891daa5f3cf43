internal import Observers

extension ObserverRegistry {
    /// The names of all observers, for a message.
    static var names: String { all.map { $0.descriptor.name }.joined(separator: ", ") }

    /// The observer of that name; the failure lists the known ones.
    static func required(_ name: String) throws -> any LineObserver.Type {
        guard let observer = observer(named: name) else {
            throw CommandFailure(
                .usage, "unable to use --observer \(name): unknown; name one of \(names)")
        }
        return observer
    }
}
