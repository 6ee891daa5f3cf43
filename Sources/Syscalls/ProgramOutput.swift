internal import CLinux
internal import Glibc

/// A program that is run for its output: posix_spawnp(3), pipe(2), waitpid(2).
///
/// It stays in this process group, so that it may ask the terminal for a password and ends with
/// this process at Ctrl-C.
public enum ProgramOutput {
    /// Runs `arguments[0]`, searched for along PATH, until it ends. Its errors go where those of
    /// this process do. Throws where it cannot be run.
    public static func collect(
        _ arguments: [String]
    ) throws(SystemCallError) -> (text: String, end: ChildProcess.End) {
        // SAFETY: each copy lives until free() below; the call does not keep them.
        let list = unsafe arguments.map { unsafe strdup($0) } + [nil]
        // SAFETY: as above; free() takes nil too.
        defer { unsafe list.forEach { unsafe free($0) } }
        var process: Int32 = 0
        var number: Int32 = -1
        // SAFETY: the list ends with nil; the call writes one process id and one descriptor.
        let error = unsafe clinux_spawn_program(list, &process, &number)
        guard error == 0 else {
            throw SystemCallError("run", arguments.first ?? "", errorNumber: error)
        }
        let output = FileDescriptor(owning: number)
        var bytes: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 64 * 1_024)
        while let count = try output.read(into: &block), count > 0 {
            bytes += block.prefix(count)
        }
        guard let end = ChildProcess.collect(process, 0) else {
            throw SystemCallError("waitpid", arguments.first ?? "")
        }
        return (String(decoding: bytes, as: UTF8.self), end)
    }
}
