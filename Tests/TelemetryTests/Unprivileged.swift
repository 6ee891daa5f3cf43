import Glibc

/// Runs `body` on this thread without root's right to pass over file permissions, where the
/// tests run as root: setfsuid(2), which the Glibc module leaves out.
func unprivileged<Value>(_ body: () throws -> Value) rethrows -> Value {
    typealias SetFileSystemUser = @convention(c) (uid_t) -> Int32
    // SAFETY: glibc has had this function with this signature since 2.0.
    let setUser = unsafe unsafeBitCast(dlsym(nil, "setfsuid"), to: SetFileSystemUser?.self)
    let nobody: uid_t = 65_534
    _ = setUser?(nobody)
    defer { _ = setUser?(geteuid()) }
    return try body()
}
