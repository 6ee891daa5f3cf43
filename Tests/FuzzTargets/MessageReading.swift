@testable import Bus
@testable import Syscalls

/// The line that a client of the bus sends.
enum RequestReading {
    /// A client is served or told why not, in one line.
    static func finding(in input: [UInt8]) -> String? {
        do throws(BusRefusal) {
            _ = try BusRequest(line: input)
            return nil
        } catch {
            let reply = BusReply.error(error.reason)
            return reply.firstIndex(of: UInt8(ascii: "\n")) == reply.indices.last
                ? nil : "a reply that is not one line"
        }
    }
}

/// The URL of a `file:` sink.
enum ArchiveReading {
    /// A URL is taken, with an absolute path, or refused.
    static func finding(in input: [UInt8]) -> String? {
        let rest = String(decoding: input, as: UTF8.self)
        let location = BusLocation(
            url: "file:" + rest, rest: rest,
            surroundings: BusSurroundings(environment: [:], database: "/var/lib/t.sqlite"))
        guard let (path, _) = try? ArchiveFileOptions.parse(location) else { return nil }
        return path.hasPrefix("/") && !path.contains("\0") ? nil : "a path \(path)"
    }
}

/// What the kernel reports of files.
enum ReportReading {
    /// A name that is reported is one that a file can have.
    static func finding(in input: [UInt8]) -> String? {
        var finding: String?
        Inotify.decode(input.span) { report in
            if case .change(_, _, let name?) = report, name.isEmpty || name.utf8.contains(0) {
                finding = "no name: \(name)"
            }
        }
        return finding
    }
}
