import Glibc
import Syscalls
import Testing

/// A named pipe with a reader that takes nothing.
final class UnreadPipe {
    let path: String
    private let reader: FileDescriptor

    init(_ workspace: Workspace) throws {
        path = workspace.newPath("pipe")
        // SAFETY: the path is passed as a string that outlives the call.
        try #require(unsafe mkfifo(path, 0o600) == 0)
        reader = try FileDescriptor(openingToRead: path)
    }
}
