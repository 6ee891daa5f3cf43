/// The observers that this build knows, in the order `logtail observers` lists them.
public enum ObserverRegistry {
    /// One line for each upstream.
    public static let all: [any LineObserver.Type] = [
        HeadroomObserver.self,
        NginxObserver.self,
    ]

    /// The observer of that name.
    public static func observer(named name: String) -> (any LineObserver.Type)? {
        all.first { $0.descriptor.name == name }
    }
}
