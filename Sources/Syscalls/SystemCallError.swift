internal import Glibc

/// A system call that failed: which one, on what, and why.
public struct SystemCallError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The call, for example `open`.
    public let call: String
    /// What it was called on, mostly a path; empty where there is nothing to name.
    public let object: String
    /// The error number.
    public let errorNumber: Int32

    /// The failure of `call` on `object` with the error number of the calling thread.
    public init(_ call: String, _ object: String = "") {
        self.init(call, object, errorNumber: errno)
    }

    /// The failure of `call` on `object` with that error number.
    public init(_ call: String, _ object: String, errorNumber: Int32) {
        self.call = call
        self.object = object
        self.errorNumber = errorNumber
    }

    /// The failure to open what is no longer at `path`.
    public init(missing path: String) {
        self.init("open", path, errorNumber: ENOENT)
    }

    /// The failure of a call that found no memory.
    public init(outOfMemoryFor call: String) {
        self.init(call, "", errorNumber: ENOMEM)
    }

    /// The failure to open what would take one of the last descriptors.
    public init(outOfFilesFor path: String) {
        self.init("open", path, errorNumber: EMFILE)
    }

    /// The failure of a call on a file that belongs to another program.
    public init(notOurs call: String) {
        self.init(call, "", errorNumber: EEXIST)
    }

    /// The reason in words: `Permission denied`.
    public var reason: String {
        // SAFETY: glibc's strerror returns a string of its own or of this thread, never nil.
        unsafe String(cString: strerror(errorNumber))
    }

    /// One line for a person: `open /var/log/x.log: Permission denied`.
    public var description: String {
        object.isEmpty ? "\(call): \(reason)" : "\(call) \(object): \(reason)"
    }

    /// ENOENT or ENOTDIR: there is nothing at the path.
    public var isMissing: Bool { errorNumber == ENOENT || errorNumber == ENOTDIR }

    /// EISDIR or ESPIPE: what is at the path is no regular file.
    public var isNotRegular: Bool { errorNumber == EISDIR || errorNumber == ESPIPE }

    /// Something that there is only so much of.
    public enum Limit: Sendable {
        /// ENOSPC.
        case space
        /// EMFILE or ENFILE.
        case files
    }

    /// What ran out, where that is the reason.
    public var limit: Limit? {
        switch errorNumber {
        case ENOSPC: .space
        case EMFILE, ENFILE: .files
        default: nil
        }
    }

    /// EACCES or EPERM: something is there that this process may not touch.
    public var isForbidden: Bool { errorNumber == EACCES || errorNumber == EPERM }

    /// EPIPE: nobody reads the other end any more.
    public var isBrokenPipe: Bool { errorNumber == EPIPE }
}

/// Calls `body` until it does not fail with EINTR; nil where it failed with one of `expected`.
func retrying<Result: SignedInteger>(
    _ call: String, _ object: @autoclosure () -> String = "", expecting expected: [Int32] = [],
    _ body: () -> Result
) throws(SystemCallError) -> Result? {
    while true {
        let result = body()
        if result >= 0 { return result }
        let number = errno
        if number == EINTR { continue }
        if expected.contains(number) { return nil }
        throw SystemCallError(call, object(), errorNumber: number)
    }
}

/// As ``retrying(_:_:expecting:_:)`` where no failure is expected.
func retrying<Result: SignedInteger>(
    _ call: String, _ object: @autoclosure () -> String = "", _ body: () -> Result
) throws(SystemCallError) -> Result {
    while true {
        let result = body()
        if result >= 0 { return result }
        let number = errno
        if number != EINTR { throw SystemCallError(call, object(), errorNumber: number) }
    }
}
