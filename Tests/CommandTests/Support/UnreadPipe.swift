import Glibc
import Syscalls
import Testing

/// A named pipe with a reader that takes nothing until it is asked to.
final class UnreadPipe {
    let path: String
    private let reader: FileDescriptor

    init(_ workspace: Workspace) throws {
        path = workspace.newPath("pipe")
        // SAFETY: the path is passed as a string that outlives the call.
        try #require(unsafe mkfifo(path, 0o600) == 0)
        reader = try FileDescriptor(openingToRead: path)
    }

    /// Leaves no room in it.
    func fill() throws {
        // SAFETY: the path is passed as a string that outlives the call.
        let number = unsafe open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC)
        try #require(number >= 0)
        defer { close(number) }
        // SAFETY: the kernel reads the one byte it is told of.
        while unsafe write(number, "\n", 1) == 1 {}
    }

    /// Takes what is in it.
    func take() throws -> String {
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        let count = try reader.read(into: &bytes) ?? 0
        return String(decoding: bytes[..<count], as: UTF8.self)
    }
}
