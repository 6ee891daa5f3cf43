import Foundation
import Glibc

/// A small disk in memory, mounted on a folder for as long as the value lives.
final class SmallDisk {
    /// False where this process may not mount anything.
    static let isPossible: Bool = {
        guard let folder = try? Workspace().makeFolder("mount") else { return false }
        defer {
            try? FileManager.default.removeItem(
                atPath: (folder as NSString).deletingLastPathComponent)
        }
        return (try? SmallDisk(folder)) != nil
    }()

    let path: String
    private var ballast: String { path + "/ballast" }

    init(_ folder: String, mebibytes: Int = 12) throws {
        path = folder
        _ = try Tool.shell("mount -t tmpfs -o size=\(mebibytes)m,mode=755 logtail-test \(folder)")
    }

    deinit {
        _ = try? Tool.shell("umount --lazy \(path)")
    }

    /// Takes all the room that is left.
    func fill() throws {
        // SAFETY: the path outlives the call.
        let number = unsafe open(ballast, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard number >= 0 else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
        let handle = FileHandle(fileDescriptor: number, closeOnDealloc: true)
        for size in [65_536, 4_096, 1] {
            while (try? handle.write(contentsOf: Data(count: size))) != nil {}
        }
        guard errno == ENOSPC else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
    }

    /// Gives the room back.
    func free() throws {
        try FileManager.default.removeItem(atPath: ballast)
    }
}
