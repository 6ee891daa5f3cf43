internal import CLinux
internal import Glibc

/// Reports changes of files and folders as they happen: inotify(7).
public final class Inotify {
    /// A watched file or folder. The kernel gives the same one for the same inode.
    public struct Watch: Hashable, Sendable {
        let number: Int32
    }

    /// What happened to a watched file, or to a name in a watched folder.
    public struct Changes: OptionSet, Sendable {
        /// The kernel's bits.
        public let rawValue: UInt32

        /// A set of the kernel's bits.
        public init(rawValue: UInt32) {
            self.rawValue = rawValue
        }

        /// Bytes were written or cut off.
        public static let modified = Changes(rawValue: UInt32(IN_MODIFY))
        /// Permissions or the number of links changed.
        public static let attributes = Changes(rawValue: UInt32(IN_ATTRIB))
        /// A name came into the folder.
        public static let appeared = Changes(
            rawValue: UInt32(IN_CREATE) | UInt32(IN_MOVED_TO))
        /// A name left the folder.
        public static let vanished = Changes(
            rawValue: UInt32(IN_DELETE) | UInt32(IN_MOVED_FROM))
        /// The watched file or folder itself was renamed or deleted.
        public static let gone = Changes(
            rawValue: UInt32(IN_MOVE_SELF) | UInt32(IN_DELETE_SELF))
        /// The watch has ended, with its inode or its file system.
        public static let ended = Changes(rawValue: UInt32(IN_IGNORED) | UInt32(IN_UNMOUNT))
    }

    /// One report.
    public enum Report: Sendable {
        /// A change of what is watched, with the name where a folder is.
        case change(Watch, Changes, name: String?)
        /// Reports were lost; everything has to be looked at.
        case overflow
    }

    /// A record with the longest name, 255 bytes and a zero (inotify(7)).
    private static let largestReport = 16 + 256

    private let descriptor: FileDescriptor
    // Room for 60 reports with the longest names, or over a thousand without names.
    private var buffer = [UInt8](repeating: 0, count: 16_384)

    /// An inotify instance.
    public init() throws(SystemCallError) {
        descriptor = FileDescriptor(
            owning: try retrying("inotify_init1") {
                inotify_init1(Int32(IN_CLOEXEC) | Int32(IN_NONBLOCK))
            })
    }

    /// The number to wait for.
    public var number: Int32 { descriptor.number }

    /// Watches what is at `path` (symlinks followed) for `changes`, instead of those that it was
    /// watched for before, or besides them.
    public func watch(
        _ path: String, for changes: Changes, besidesOthers: Bool = false
    ) throws(SystemCallError) -> Watch {
        let mask = changes.rawValue | (besidesOthers ? UInt32(IN_MASK_ADD) : 0)
        // SAFETY: the path outlives the call.
        let number = try retrying("inotify_add_watch", path) {
            unsafe inotify_add_watch(descriptor.number, path, mask)
        }
        return Watch(number: number)
    }

    /// Watches the very file that is open as `number`, whatever its path leads to by now.
    public func watch(
        openFile number: Int32, for changes: Changes
    ) throws(SystemCallError) -> Watch {
        try watch("/proc/self/fd/\(number)", for: changes)
    }

    /// Ends a watch; one that has ended already is left alone.
    public func remove(_ watch: Watch) {
        _ = inotify_rm_watch(descriptor.number, watch.number)
    }

    /// Reads every report that waits and calls `body` with each, in order.
    public func forEachReport(_ body: (Report) -> Void) throws(SystemCallError) {
        while let count = try descriptor.read(into: &buffer) {
            Self.decode(buffer.span.extracting(0..<count), body)
            // The kernel gives what fits; with room for one more report, this was all. What came
            // since then makes the descriptor ready again.
            if count + Self.largestReport <= buffer.count { return }
        }
    }

    /// Decodes the kernel's records: wd, mask, cookie and length as 32-bit words of this machine,
    /// then the name, padded with zero bytes (inotify(7)). A cut record ends the decoding.
    static func decode(_ bytes: Span<UInt8>, _ body: (Report) -> Void) {
        func word(_ index: Int) -> UInt32 {
            (0..<4).reduce(0) { $0 | UInt32(bytes[index + $1]) << (8 * $1) }
        }
        var index = 0
        while index + 16 <= bytes.count {
            let watch = Watch(number: Int32(bitPattern: word(index)))
            let mask = word(index + 4)
            let end = index + 16 + Int(word(index + 12))
            guard end <= bytes.count else { return }
            var name: [UInt8] = []
            for position in index + 16..<end where bytes[position] != 0 {
                name.append(bytes[position])
            }
            if mask & UInt32(IN_Q_OVERFLOW) != 0 {
                body(.overflow)
            } else {
                body(
                    .change(
                        watch, Changes(rawValue: mask),
                        name: name.isEmpty ? nil : String(decoding: name, as: UTF8.self)))
            }
            index = end
        }
    }
}

extension SystemCallError {
    /// Why something could not be watched, and what to do: the kernel's own words (ENOSPC, EMFILE)
    /// send people to look at their disks.
    public var inotifyReason: String {
        switch limit {
        case .space:
            "the limit of inotify watches is reached; raise it with "
                + "'sysctl fs.inotify.max_user_watches=524288'"
        case .files:
            "the limit of inotify instances or open files is reached; raise it with "
                + "'sysctl fs.inotify.max_user_instances=512'"
        case nil: reason
        }
    }
}
