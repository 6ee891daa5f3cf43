internal import Glibc

/// Names and paths: what a folder holds, how names are changed, and where a path really leads.
public enum Folder {
    /// A name in a folder, and the inode it is said to stand for.
    public struct Entry: Hashable, Sendable {
        /// The name.
        public let name: String
        /// The inode's number, as the folder has it: at a mount point and on some stacked file
        /// systems the file itself says otherwise.
        public let inode: UInt64
    }

    /// The names in a folder that begin with `prefix`, in no order, without `.` and `..`; nil where
    /// there is no folder.
    public static func names(
        in path: String, startingWith prefix: String = ""
    ) throws(SystemCallError) -> [String]? {
        try entries(in: path, startingWith: prefix)?.map(\.name)
    }

    /// What a folder holds under names that begin with `prefix`, in no order, without `.` and
    /// `..`; nil where there is no folder. Names that are not asked for cost no string.
    public static func entries(
        in path: String, startingWith prefix: String = ""
    ) throws(SystemCallError) -> [Entry]? {
        // SAFETY: the path outlives the call; the stream is closed below.
        guard let stream = unsafe opendir(path) else {
            let error = SystemCallError("open folder", path)
            if error.isMissing { return nil }
            throw error
        }
        // SAFETY: the stream was opened above and is not used after.
        defer { unsafe _ = closedir(stream) }
        var entries: [Entry] = []
        let length = prefix.utf8.count
        // SAFETY: readdir returns an entry that is valid until the next call, or nil at the end.
        while let entry = unsafe readdir(stream) {
            // SAFETY: the kernel ends the name with a zero byte inside the entry, and the prefix
            // ends with one too.
            let name: String? = unsafe withUnsafePointer(to: &entry.pointee.d_name) { field in
                unsafe field.withMemoryRebound(to: CChar.self, capacity: 256) { characters in
                    let begins = unsafe strncmp(characters, prefix, length) == 0
                    return begins ? unsafe String(cString: characters) : nil
                }
            }
            guard let name, name != ".", name != ".." else { continue }
            // SAFETY: as above.
            entries.append(Entry(name: name, inode: unsafe UInt64(entry.pointee.d_ino)))
        }
        return entries
    }

    /// What two looks in a row agree on, after at most `attempts` more; nil where none do. A folder
    /// that is renamed in while it is listed may show a file twice or not at all.
    public static func settled<Look>(
        attempts: Int, _ look: () throws(SystemCallError) -> Look,
        by isSame: (Look, Look) -> Bool
    ) throws(SystemCallError) -> Look? {
        var before = try look()
        for _ in 0..<attempts {
            let now = try look()
            if isSame(now, before) { return now }
            before = now
        }
        return nil
    }

    /// The absolute path without symlinks; nil where it leads nowhere.
    public static func realPath(_ path: String) -> String? {
        // SAFETY: realpath allocates the result, which is copied and freed here.
        guard let resolved = unsafe realpath(path, nil) else { return nil }
        // SAFETY: as above.
        defer { unsafe free(resolved) }
        return unsafe String(cString: resolved)
    }

    /// Where a symlink points, as written; nil where the path is not one.
    public static func linkTarget(_ path: String) -> String? {
        var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
        // SAFETY: the kernel writes at most the count it is given.
        let count = unsafe buffer.withUnsafeMutableBytes { bytes in
            unsafe bytes.withMemoryRebound(to: CChar.self) { characters in
                unsafe characters.baseAddress.map { unsafe readlink(path, $0, bytes.count) } ?? -1
            }
        }
        return count < 0 ? nil : String(decoding: buffer[..<count], as: UTF8.self)
    }

    /// Where a path leads through symlinks, also where the last one points at nothing yet.
    public static func destination(of path: String) -> String {
        if let real = realPath(path) { return real }
        var path = path
        // As many as Linux follows (path_resolution(7)).
        for _ in 0..<40 {
            guard let target = linkTarget(path) else { break }
            path = target.hasPrefix("/") ? target : parent(of: path) + "/" + target
        }
        let folder = parent(of: path)
        return (realPath(folder) ?? folder) + "/" + name(of: path)
    }

    /// Makes a folder that only its owner may enter (0700), and those above it that are missing,
    /// and waits until they are on the disk. One that is there already is left as it is.
    public static func create(_ path: String) throws(SystemCallError) {
        if try FileStatus(path: path) != nil { return }
        let parent = self.parent(of: path)
        try create(parent)
        // SAFETY: the path outlives the call.
        _ = try retrying("create folder", path, expecting: [EEXIST]) { unsafe mkdir(path, 0o700) }
        try sync(parent)
    }

    /// Gives a file another name, in the place of what has that name.
    public static func rename(_ path: String, to other: String) throws(SystemCallError) {
        // SAFETY: both paths outlive the call.
        _ = try retrying("rename", path) { unsafe Glibc.rename(path, other) }
    }

    /// Removes a file, if it is there.
    public static func remove(_ path: String) throws(SystemCallError) {
        // SAFETY: the path outlives the call.
        _ = try retrying("remove", path, expecting: [ENOENT]) { unsafe Glibc.unlink(path) }
    }

    /// Waits until the names in a folder are on the disk.
    public static func sync(_ path: String) throws(SystemCallError) {
        let folder = try FileDescriptor(opening: path, O_RDONLY | O_DIRECTORY)
        let number = folder.number
        _ = try retrying("sync folder", path) { fsync(number) }
    }

    /// The path without its last name; `.` where there is nothing before it.
    public static func parent(of path: String) -> String {
        guard let slash = lastSlash(in: path) else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// The last name of a path.
    public static func name(of path: String) -> String {
        guard let slash = lastSlash(in: path) else { return path }
        return String(path.utf8[path.utf8.index(after: slash)...]) ?? ""
    }

    /// Where the last name begins, by bytes: one that starts with a combining mark has no slash
    /// before it otherwise.
    private static func lastSlash(in path: String) -> String.Index? {
        path.utf8.lastIndex(of: UInt8(ascii: "/"))
    }

    /// The path from the root, symlinks left as they are.
    public static func absolute(_ path: String) -> String {
        path.hasPrefix("/") ? path : "\(working)/\(path)"
    }

    /// The working folder of this process.
    public static var working: String { realPath(".") ?? "/" }

    /// Whether a file name matches a shell pattern: `*`, `?`, `[…]`; a leading dot must be
    /// matched by a dot.
    public static func matches(_ name: String, pattern: String) -> Bool {
        // SAFETY: both strings outlive the call.
        unsafe fnmatch(pattern, name, FNM_PERIOD) == 0
    }
}
