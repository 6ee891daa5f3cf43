internal import ArgumentParser
internal import Syscalls

/// Standard output for data, buffered; a reader that goes away ends the command in silence, as
/// it does with every other tool in a pipe.
final class Output {
    // One write carries a screenful or more; a reader waits for no more than this.
    private static let bufferBytes = 64 * 1_024
    private var buffer = ""

    /// Appends a line.
    func line(_ text: String) throws {
        try self.text(text + "\n")
    }

    /// Appends a text as it is.
    func text(_ text: String) throws {
        buffer += text
        if buffer.utf8.count >= Self.bufferBytes { try flush() }
    }

    /// Hands everything to the reader.
    func flush() throws {
        defer { buffer.removeAll(keepingCapacity: true) }
        do {
            try StandardStream.output.write(buffer)
        } catch {
            guard !error.isBrokenPipe else { throw ExitCode.success }
            throw CommandFailure(.failed, "unable to write to standard output: \(error.reason)")
        }
    }

    /// Writes words to standard error: one line, whatever is in the names and lines it tells of.
    static func note(_ text: String) {
        // Where even standard error fails there is nobody left to tell.
        try? StandardStream.error.write("logtail: \(VisibleText.escaping(text))\n")
    }
}
