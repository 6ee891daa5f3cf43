internal import CLinux
internal import Glibc

/// The program this process runs, as a file in memory.
public enum ProgramImage {
    /// Becomes another program, execvp(3): runs `arguments[0]`, searched for along PATH, in the
    /// place of this process. Standard input is empty then; output, errors and the exit code are
    /// the program's own. Returns only where it cannot be run.
    public static func replace(with arguments: [String]) throws(SystemCallError) -> Never {
        let name = arguments.first ?? ""
        // SAFETY: the path is a constant string that outlives the call.
        let empty = unsafe open("/dev/null", O_RDONLY)
        if empty >= 0 {
            dup2(empty, STDIN_FILENO)
            close(empty)
        }
        // What it does where its reader has gone is its own affair.
        _ = signal(SIGPIPE, SIG_DFL)
        // SAFETY: each copy lives until free() below or until the program takes over.
        var list = unsafe arguments.map { unsafe strdup($0) } + [nil]
        // SAFETY: as above; free() takes nil too.
        defer { unsafe list.forEach { unsafe free($0) } }
        // SAFETY: the list ends with nil, as execvp expects, and it copies what it needs.
        unsafe execvp(name, &list)
        throw SystemCallError("run", name)
    }

    /// Gives back the pages of the program's file that starting has touched: a third of what is
    /// resident then. Those that are needed further on are mapped again.
    public static func releaseStartPages() {
        clinux_release_image()
    }
}
