internal import Foundation

/// A folder of a test's own, removed with everything in it when the value goes away.
public final class TemporaryFolder: Sendable {
    /// Where it is: short, since a socket's path in it has no more than 107 bytes.
    public let path: String

    /// Makes it, for its owner alone.
    public init() throws {
        path = "/tmp/logtail-test-\(UUID().uuidString.prefix(13))"
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: false,
            attributes: [.posixPermissions: 0o700])
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    /// The path of a file in the folder.
    public func callAsFunction(_ name: String) -> String { path + "/" + name }
}
