import Foundation

/// A log as its writer has it open: appended to, and rotated as Python's handlers do.
final class LogFile {
    let path: String
    private var handle: FileHandle

    /// Opens the log at `path`, which is made where it is missing.
    init(_ path: String) throws {
        self.path = path
        handle = try Self.open(path)
    }

    func append(_ text: String) throws {
        try append(Data(text.utf8))
    }

    /// Appends in one write.
    func append(_ bytes: Data) throws {
        try handle.write(contentsOf: bytes)
    }

    /// Opens what is at the path now, as a new file where there is none.
    func reopen() throws {
        try handle.close()
        handle = try Self.open(path)
    }

    func truncate() throws {
        try handle.truncate(atOffset: 0)
    }

    /// Renames the log away and goes on in a new one.
    func rotate(to name: String) throws {
        try Self.rename(path, name)
        try reopen()
    }

    /// What rename(2) does, whatever was there before.
    static func rename(_ from: String, _ to: String) throws {
        // SAFETY: both names are passed as strings that outlive the call.
        guard unsafe Glibc.rename(from, to) == 0 else {
            throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO)
        }
    }

    private static func open(_ path: String) throws -> FileHandle {
        // SAFETY: the path is passed as a string that outlives the call.
        let number = unsafe Glibc.open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        guard number >= 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
        return FileHandle(fileDescriptor: number, closeOnDealloc: true)
    }
}
