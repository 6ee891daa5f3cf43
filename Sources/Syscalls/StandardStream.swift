internal import Glibc

/// Standard output and standard error: what they lead to, and writing all of a text to them.
public enum StandardStream: Int32, Sendable {
    /// Standard output, where data goes.
    case output = 1
    /// Standard error, where words go.
    case error = 2

    /// Whether a person looks at it.
    public var isTerminal: Bool { isatty(rawValue) == 1 }

    /// Whether the journal reads it: the variable that says so is inherited, also by who then leads
    /// the stream elsewhere (systemd.exec(5)).
    public var isJournal: Bool {
        var status = stat()
        // SAFETY: the call fills one status.
        guard unsafe fstat(rawValue, &status) == 0 else { return false }
        return Environment.value("JOURNAL_STREAM") == "\(status.st_dev):\(status.st_ino)"
    }

    /// How many characters a line of the terminal holds; nil where it leads elsewhere.
    public var columns: Int? {
        var size = winsize()
        // SAFETY: the call fills one size.
        let answer = unsafe ioctl(rawValue, UInt(TIOCGWINSZ), &size)
        return answer == 0 && size.ws_col > 0 ? Int(size.ws_col) : nil
    }

    /// Makes a write to a reader that has gone fail instead of ending the process: SIGPIPE.
    public static func ignoreReaderSignal() {
        _ = signal(SIGPIPE, SIG_IGN)
    }

    /// Gives the numbers 0 to 2 to something that cannot be written where the process was started
    /// without them: the next file that is opened would have them, and get what is meant for the
    /// streams.
    public static func reserveNumbers() {
        for number in 0...error.rawValue where fcntl(number, F_GETFD) == -1 {
            // SAFETY: the path is a constant string that outlives the call.
            unsafe _ = open("/dev/null", O_RDONLY)
        }
    }

    /// Writes all of `text`, and waits where the reader is slow, also where someone else has made
    /// the stream non-blocking.
    public func write(_ text: String) throws(SystemCallError) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            if let count = try write(bytes) {
                bytes = bytes.dropFirst(count)
            } else {
                _ = try hasRoom(within: -1)
            }
        }
    }

    /// Writes all of `text`, but waits for room no longer than `milliseconds` at a time; false
    /// where there was none.
    public func write(
        _ text: String, within milliseconds: Int32
    ) throws(SystemCallError) -> Bool {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            guard try hasRoom(within: milliseconds) else { return false }
            // So much can be written where anything can, and does not wait.
            bytes = try bytes.dropFirst(write(bytes.prefix(Int(PIPE_BUF))) ?? 0)
        }
        return true
    }

    /// Writes what the stream takes; nil where that is nothing now.
    private func write(_ bytes: ArraySlice<UInt8>) throws(SystemCallError) -> Int? {
        // SAFETY: the kernel reads at most the count it is given.
        try retrying("write", "standard \(self)", expecting: [EAGAIN]) {
            unsafe bytes.withUnsafeBytes { buffer in
                unsafe Glibc.write(rawValue, buffer.baseAddress, buffer.count)
            }
        }
    }

    /// Waits until something can be written, or a write fails; false where it cannot in time.
    private func hasRoom(within milliseconds: Int32) throws(SystemCallError) -> Bool {
        var request = pollfd(fd: rawValue, events: Int16(POLLOUT), revents: 0)
        // SAFETY: the kernel reads and writes the one request.
        return try retrying("poll") { unsafe poll(&request, 1, milliseconds) } > 0
    }
}
