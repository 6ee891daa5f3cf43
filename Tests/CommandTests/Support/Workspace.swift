import Foundation

/// A folder of a test's own, with a log and a database in it.
final class Workspace {
    let folder: String
    private var names = 0

    init() throws {
        // Short, since a socket's path in it has no more than 107 bytes.
        folder = "/tmp/logtail-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: false)
        WorkspaceFolders.current?.add(folder)
    }

    var log: String { path("proxy-8787.log") }
    var database: String { path("telemetry.sqlite") }
    var socket: String { path("bus.sock") }

    /// The variables that a program is started with: none that were set for the tests.
    var environment: [String: String] {
        let own = ProcessInfo.processInfo.environment
        var environment = ["HOME": folder, "TZ": "UTC", "LOGTAIL_DB": database]
        for name in ["PATH", "LD_LIBRARY_PATH"] { environment[name] = own[name] }
        return environment
    }

    func path(_ name: String) -> String { folder + "/" + name }

    /// A path that was not given out before.
    func newPath(_ name: String) -> String {
        names += 1
        return path("\(name)-\(names)")
    }

    func write(_ bytes: Data, to path: String) throws {
        try bytes.write(to: URL(fileURLWithPath: path))
    }

    func makeFolder(_ name: String, mode: Int = 0o755) throws -> String {
        let path = path(name)
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        try setMode(mode, of: path)
        return path
    }

    func setMode(_ mode: Int, of path: String) throws {
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    }

    /// The permissions of a file or folder.
    func mode(of path: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    }

    func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }
}
