internal import CLinux
internal import Glibc

/// What kind of file system a path lies on, as far as it matters for following files.
public enum FileSystem {
    /// File systems whose files change without inotify hearing of it, since another machine or
    /// another process keeps them; the magic numbers are those of statfs(2).
    private static let silent: [Int: String] = [
        0x6969: "NFS", 0x517b: "SMB", 0xff53_4d42: "CIFS", 0xfe53_4d42: "SMB2",
        0x0102_1997: "9p", 0x6573_5546: "FUSE", 0x5346_414f: "AFS", 0x00c3_6400: "Ceph",
    ]

    /// The name of the file system at `path` where it cannot tell of changes; nil where it can,
    /// or where nothing is there.
    public static func silentName(at path: String) -> String? {
        status(at: path).flatMap { silent[Int($0.f_type) & 0xffff_ffff] }
    }

    /// True where the file system at `path` has no room left for this user.
    public static func isFull(at path: String) -> Bool {
        status(at: path)?.f_bavail == 0
    }

    private static func status(at path: String) -> statfs? {
        var status = statfs()
        // SAFETY: the path outlives the call, which fills one status.
        return unsafe statfs(path, &status) == 0 ? status : nil
    }
}
