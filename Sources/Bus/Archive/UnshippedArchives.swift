public import Syscalls

/// The archives that are still to be shipped, for whoever wants to see them from outside.
public enum UnshippedArchives {
    /// The paths of those of a sink, oldest first; none for a sink that makes no archives.
    ///
    /// - Parameter sink: the sink's name, as its position is kept under: `file:/var/log/x.ndjson`.
    public static func list(sink: String) throws(SystemCallError) -> [String] {
        try file(ofSink: sink).map(list(path:)) ?? []
    }

    /// The file that a sink of that name writes; nil for a sink that makes no archives.
    public static func file(ofSink sink: String) -> String? {
        let prefix = ArchiveFileSink.namePrefix
        return sink.hasPrefix(prefix) ? String(sink.dropFirst(prefix.count)) : nil
    }

    /// The paths of those of the file at `path`, oldest first.
    static func list(path: String) throws(SystemCallError) -> [String] {
        let names = ArchiveFileNames(path: Folder.realPath(path) ?? path, scheme: .timestamp)
        var paths: [String] = []
        for archive in try names.marked() where try FileStatus(path: archive.path) != nil {
            paths.append(archive.path)
        }
        return paths
    }
}
