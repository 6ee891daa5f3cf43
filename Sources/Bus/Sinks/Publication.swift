public import Telemetry

/// Which rows go to a bus, `--publish`.
public enum Publication: String, CaseIterable, Sendable {
    /// Episodes and notices.
    case episodes
    /// Every breach too.
    case all

    /// Whether a row goes out.
    public func includes(_ event: RecordedEvent) -> Bool {
        self == .all || !event.isBreach
    }
}
