import CZlib
import Glibc

/// A temporary folder of a test's own, and what happens to logs in it; the calls a rotating
/// program makes, one by one.
final class LogFolder {
    let path: String

    init() {
        // Where there is a file system in memory: ext4 waits for the disk at every truncation.
        // SAFETY: the path outlives the call.
        let parent = unsafe access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"
        var template = Array("\(parent)/logtail-fault-XXXXXX".utf8CString)
        // SAFETY: mkdtemp writes into the template, which ends with a zero byte.
        let made = unsafe template.withUnsafeMutableBufferPointer { buffer in
            unsafe buffer.baseAddress.flatMap { unsafe mkdtemp($0) }.map {
                unsafe String(cString: $0)
            }
        }
        precondition(made != nil, "no temporary folder")
        path = made ?? ""
    }

    deinit {
        Self.remove(path)
    }

    private static func remove(_ path: String) {
        for name in names(in: path) {
            // SAFETY: the path outlives the call.
            if unsafe unlink(path + "/" + name) != 0 { remove(path + "/" + name) }
        }
        // SAFETY: the path outlives the call.
        unsafe rmdir(path)
    }

    static func names(in path: String) -> [String] {
        // SAFETY: the stream is used until it is closed here.
        guard let stream = unsafe opendir(path) else { return [] }
        // SAFETY: as above.
        defer { unsafe _ = closedir(stream) }
        var names: [String] = []
        // SAFETY: an entry is valid until the next call.
        while let entry = unsafe readdir(stream) {
            // SAFETY: the name ends with a zero byte inside the entry.
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { field in
                unsafe field.withMemoryRebound(to: CChar.self, capacity: 256) {
                    unsafe String(cString: $0)
                }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    var names: [String] { Self.names(in: path) }

    func callAsFunction(_ name: String) -> String { path + "/" + name }

    func exists(_ name: String) -> Bool {
        // SAFETY: the path outlives the call.
        unsafe access(self(name), F_OK) == 0
    }

    func rename(_ old: String, _ new: String) {
        // SAFETY: the paths outlive the call.
        unsafe check(Glibc.rename(self(old), self(new)), "rename")
    }

    func delete(_ name: String) {
        // SAFETY: the path outlives the call.
        unsafe check(unlink(self(name)), "unlink")
    }

    func makeFolder(_ name: String) {
        // SAFETY: the path outlives the call.
        unsafe check(mkdir(self(name), 0o755), "mkdir")
    }

    /// Removes the empty folder itself.
    func removeFolder() {
        // SAFETY: the path outlives the call.
        unsafe check(rmdir(path), "rmdir")
    }

    /// Makes the folder itself again.
    func makeAgain() {
        // SAFETY: the path outlives the call.
        unsafe check(mkdir(path, 0o755), "mkdir")
    }

    /// Makes a symlink, or switches it in one step.
    func link(_ name: String, to target: String) {
        // SAFETY: the paths outlive the calls.
        unsafe check(symlink(target, self(name + ".new")), "symlink")
        rename(name + ".new", name)
    }

    func truncate(_ name: String, to size: Int) {
        // SAFETY: the path outlives the call.
        unsafe check(Glibc.truncate(self(name), size), "truncate")
    }

    func size(_ name: String) -> Int { contents(name).count }

    func contents(_ name: String) -> [UInt8] {
        // SAFETY: the path outlives the call.
        let fd = unsafe open(self(name), O_RDONLY)
        guard fd >= 0 else { return [] }
        defer { close(fd) }
        var bytes: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 65_536)
        while true {
            // SAFETY: the kernel writes at most the count it is given.
            let count = unsafe block.withUnsafeMutableBytes {
                unsafe Glibc.read(fd, $0.baseAddress, $0.count)
            }
            if count <= 0 { return bytes }
            bytes += block[..<count]
        }
    }

    /// Writes a file as a whole; one that exists is overwritten in place.
    func put(_ name: String, _ bytes: [UInt8]) {
        let writer = LogWriter(self(name), truncating: true)
        writer.write(bytes)
    }

    func put(_ name: String, lines: some Sequence<Int>) {
        put(name, Array(lines.map(NumberedLine.text).joined().utf8))
    }

    func append(_ name: String, lines: some Sequence<Int>) {
        LogWriter(self(name)).write(Array(lines.map(NumberedLine.text).joined().utf8))
    }

    /// Compresses a file to `NAME.gz` as gzip(1) does, its times kept; the file itself stays.
    func compress(_ name: String, keepingTimes: Bool = true) {
        put(name + ".gz", Gzip.compressed(contents(name)))
        guard keepingTimes else { return }
        var status = stat()
        // SAFETY: the call fills one status.
        unsafe check(stat(self(name), &status), "stat")
        let times = [status.st_atim, status.st_mtim]
        // SAFETY: the call reads two times.
        unsafe check(utimensat(AT_FDCWD, self(name + ".gz"), times, 0), "utimensat")
    }

    /// Compresses a file and deletes it.
    func gzip(_ name: String, keepingTimes: Bool = true) {
        compress(name, keepingTimes: keepingTimes)
        delete(name)
    }
}

private func check(_ result: Int32, _ call: String) {
    precondition(result == 0, "\(call): \(errno)")
}

/// A program that has a log open for appending.
final class LogWriter {
    private let fd: Int32

    init(_ path: String, truncating: Bool = false) {
        let flags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | (truncating ? O_TRUNC : 0)
        // SAFETY: the path outlives the call.
        fd = unsafe open(path, flags, mode_t(0o644))
        precondition(fd >= 0, "open \(path): \(errno)")
    }

    deinit { close(fd) }

    func write(_ bytes: [UInt8]) {
        guard !bytes.isEmpty else { return }
        // SAFETY: the kernel reads at most the count it is given.
        let count = unsafe bytes.withUnsafeBytes {
            unsafe Glibc.write(fd, $0.baseAddress, $0.count)
        }
        precondition(count == bytes.count, "write: \(errno)")
    }

    func write(_ text: String) { write(Array(text.utf8)) }

    func write(lines: some Sequence<Int>) {
        write(lines.map(NumberedLine.text).joined())
    }
}

/// Makes gzip files in memory.
enum Gzip {
    static func compressed(_ bytes: [UInt8]) -> [UInt8] {
        var stream = unsafe z_stream()
        // SAFETY: the stream stays in place until deflateEnd below, in this one function.
        return unsafe withUnsafeMutablePointer(to: &stream) { stream in
            unsafe deflateInit2_(
                stream, 1, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
                Int32(MemoryLayout<z_stream>.size))
            var input = bytes
            var output = [UInt8](
                repeating: 0, count: Int(unsafe deflateBound(stream, UInt(bytes.count))) + 64)
            let count = unsafe input.withUnsafeMutableBufferPointer { source in
                unsafe output.withUnsafeMutableBufferPointer { room in
                    unsafe stream.pointee.next_in = source.baseAddress
                    unsafe stream.pointee.avail_in = UInt32(source.count)
                    unsafe stream.pointee.next_out = room.baseAddress
                    unsafe stream.pointee.avail_out = UInt32(room.count)
                    unsafe deflate(stream, Z_FINISH)
                    return unsafe room.count - Int(stream.pointee.avail_out)
                }
            }
            unsafe deflateEnd(stream)
            return Array(output[..<count])
        }
    }
}
