import Foundation
import Glibc

/// strace, which counts the system calls of a program, kills it at one of them, or makes them
/// fail.
enum Strace {
    /// Calls whose order in a scenario matters: a process is killed at each of them. A question
    /// mark lets strace pass over those that this machine does not have.
    static let calls = [
        "openat", "read", "pread64", "write", "pwrite64", "fdatasync", "fsync", "ftruncate",
        "?unlink", "?unlinkat", "?rename", "fcntl", "flock", "?newfstatat", "?fstat", "?stat",
        "?lstat", "statx", "lseek", "close", "getdents64", "inotify_add_watch", "inotify_rm_watch",
        "?epoll_wait", "?epoll_pwait", "mmap",
    ].joined(separator: ",")

    /// False where a process may not be traced, as in some containers.
    static let isPossible = (try? Tool.shell("strace -D -f -o /dev/null true")) != nil

    /// A wrapper that writes every call to `file`.
    static func record(_ calls: String, to file: String) -> [String] {
        wrapper + ["-o", file, "-e", "trace=\(calls)"]
    }

    /// A wrapper that writes what is done to the bytes of `paths` to `file`, bytes and paths as
    /// `\x` and two digits.
    static func recordBytes(of paths: [String], to file: String) -> [String] {
        record("write,pwrite64,ftruncate,fsync,fdatasync", to: file)
            + ["-y", "-xx", "-s", "1048576"] + paths.flatMap { ["-P", $0] }
    }

    /// A wrapper that does something to a call: `signal=KILL:when=3`, `error=EIO:when=5..9`. With
    /// `paths` only calls on these count. What happened is written to `file`.
    static func inject(
        _ call: String, _ what: String, paths: [String] = [], to file: String = "/dev/null"
    ) -> [String] {
        wrapper + ["-o", file, "-e", "trace=\(call)", "-e", "inject=\(call):\(what)"]
            + paths.flatMap { ["-P", $0] }
    }

    /// How often the process has made each call by itself, other threads left out.
    static func counts(_ file: String, pid: pid_t) throws -> [String: Int] {
        let text = try String(contentsOfFile: file, encoding: .utf8)
        var counts: [String: Int] = [:]
        for line in text.split(separator: "\n") {
            guard let open = line.firstIndex(of: "(") else { continue }
            // Several spaces follow a process id of less than five digits.
            let words = line[..<open].split(separator: " ")
            guard words.count == 2, words[0] == "\(pid)",
                words[1].allSatisfy({ $0.isLetter || $0.isNumber || $0 == "_" })
            else { continue }
            counts[String(words[1]), default: 0] += 1
        }
        return counts
    }

    /// As a grandchild, so that the process that was started is the program itself.
    private static let wrapper = ["strace", "-D", "-f"]
}
