internal import Glibc

/// The variables of the process's environment.
public enum Environment {
    /// The value of a variable; nil where it is not set.
    public static func value(_ name: String) -> String? {
        // SAFETY: the environment is not changed while the process runs.
        guard let value = unsafe getenv(name) else { return nil }
        return unsafe String(cString: value)
    }
}
