import Foundation
import TestSupport
import Testing

/// Rotated siblings that are compressed in a way that is not read.
@Suite(.workspaces)
struct UnreadableArchiveTests {
    /// Compresses a file, and keeps its time, or the whole seconds of it as some programs do.
    private static func compress(
        _ file: String, _ tool: String, _ suffix: String, keeping time: String = "%.9Y"
    ) throws {
        let archive = "\(file).\(suffix)"
        _ = try Tool.shell(
            "\(tool) -c <\(file) >\(archive) && touch -d @$(stat -c \(time) \(file)) \(archive)")
        try FileManager.default.removeItem(atPath: file)
    }

    /// Rotates a log as logrotate does that compresses at once.
    private static func turnOver(_ log: FollowedLog, keeping time: String = "%.9Y") throws {
        var last = 0
        while log.workspace.exists("\(log.path).\(last + 1).xz") { last += 1 }
        for number in (0..<last).reversed() {
            try LogFile.rename("\(log.path).\(number + 1).xz", "\(log.path).\(number + 2).xz")
        }
        try log.rotate()
        try compress(log.path + ".1", "xz", "xz", keeping: time)
    }

    private static func has(_ tool: String) -> Bool {
        (try? Tool.shell("command -v \(tool)")) != nil
    }

    /// The archives that were told, as what is behind the path of the log, and why.
    private static func told(_ log: FollowedLog) throws -> [[String]] {
        try log.database().details("archive_unreadable").map { detail in
            [
                (detail["file"] as? String ?? "").replacing(log.path, with: ""),
                detail["reason"] as? String ?? "",
            ]
        }
    }

    @Test(arguments: [("zstd", "zst"), ("xz", "xz"), ("bzip2", "bz2"), ("lz4", "lz4")])
    func `one that lies unread between others is told once`(
        _ tool: String, _ suffix: String
    ) throws {
        guard Self.has(tool) else {
            print("\(tool) is missing: its archives are not looked at")
            return
        }
        let log = try FollowedLog()
        try log.write("a")
        #expect(try log.run(["--from-start", "--once"]).process.exit == .code(0))
        try log.write("b")
        try log.turnOver()
        try log.write("c")
        try LogFile.rename(log.path + ".1", log.path + ".2")
        try log.rotate()
        try Self.compress(log.path + ".1", tool, suffix)
        _ = try Tool.gzip([log.path + ".2"])
        let expected = [[".1.\(suffix)", "compressed with \(tool), which logtail does not read"]]
        // At the second start, nothing has been read that comes after it.
        for _ in 0..<2 {
            #expect(try log.run(["--once"]).process.exit == .code(0))
            try log.awaitRequests(["a", "b"])
            #expect(try Self.told(log) == expected)
        }
        let daemon = try log.start()
        try log.write("d")
        try log.awaitRequests(["a", "b", "d"])
        #expect(try daemon.stop() == .code(0))
        #expect(try Self.told(log) == expected)
    }

    @Test func `with --from-start each is told, without it none`() throws {
        for (options, expected) in [(["--from-start"], [".2.xz", ".1.xz"]), ([], [])] {
            let log = try FollowedLog()
            try log.workspace.write(Data("x".utf8), to: log.path + ".1.xz")
            try log.workspace.write(Data("x".utf8), to: log.path + ".2.xz")
            _ = try LogFile(log.path)
            for round in 0..<2 {
                let daemon = try log.start(options)
                try log.write("\(round)")
                try log.awaitRequests((0...round).map { "\($0)" })
                #expect(try daemon.stop() == .code(0))
            }
            #expect(try Self.told(log).map { $0[0] } == expected)
        }
    }

    @Test func `one that was read before it was compressed is not told`() throws {
        guard Self.has("xz") else { return print("xz is missing: its archives are not looked at") }
        let log = try FollowedLog()
        let options = ["--from-start", "--rotate-wait-ms", "50"]
        var daemon = try log.start(options)
        var names: [String] = []
        for round in 0..<6 {
            let name = "\(round)"
            try log.write(name)
            names.append(name)
            try log.awaitRequests(names)
            if round == 3 {
                #expect(try daemon.stop() == .code(0))
                daemon = try log.start(options)
            }
            try Self.turnOver(log)
        }
        try log.write("last")
        try log.awaitRequests(names + ["last"])
        #expect(try daemon.stop() == .code(0))
        // Nor is it at a start that follows.
        try Self.turnOver(log, keeping: "%Y")
        #expect(try log.run(["--once"]).process.exit == .code(0))
        #expect(try Self.told(log).isEmpty)
    }

    @Test func `a glob takes none for a log`() throws {
        let log = try FollowedLog()
        try log.write("a")
        try log.workspace.write(Data("x".utf8), to: log.path + ".1.zst")
        let daemon = try log.start(["--from-start"], path: log.workspace.path("proxy*"))
        try log.awaitRequests(["a"])
        #expect(try daemon.stop() == .code(0))
        let paths = try log.database().rows("SELECT path FROM checkpoints")
        #expect(paths == [[log.path]])
    }
}
