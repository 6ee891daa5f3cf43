import Foundation
import TestSupport
import Testing

/// The same log gives the same rows, keys and distributions in whatever pieces, files and runs it
/// is read.
@Suite(.workspaces)
struct FeedingTests {
    @Test func `in random pieces, live`() throws {
        let bytes = try RealLog.large.bytes()
        let workspace = try Workspace()
        let log = try LogFile(workspace.log)
        let daemon = try Self.start(workspace)
        for piece in Self.pieces(of: bytes, longest: 60_000) { try log.append(piece) }
        try Self.finish(daemon, workspace, read: bytes.count)
        try Self.expectSame(workspace, as: bytes)
    }

    @Test func `byte by byte, live`() throws {
        let bytes = try RealLog.small.bytes()
        let workspace = try Workspace()
        let log = try LogFile(workspace.log)
        let daemon = try Self.start(workspace)
        for byte in bytes { try log.append(Data([byte])) }
        try Self.finish(daemon, workspace, read: bytes.count)
        try Self.expectSame(workspace, as: bytes)
    }

    @Test(arguments: [SIGTERM, SIGKILL])
    func `with a restart after every piece`(signal: Int32) throws {
        let bytes = try RealLog.large.bytes()
        let workspace = try Workspace()
        let log = try LogFile(workspace.log)
        var count = 0
        for piece in Self.pieces(of: bytes, longest: 600_000) {
            let daemon = try Self.start(workspace)
            try log.append(piece)
            count += piece.count
            if signal == SIGTERM {
                // To the last complete line.
                let end = bytes[..<count].lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
                try Self.awaitBytes(end, workspace)
                #expect(try daemon.stop() == .code(0))
            } else {
                #expect(try daemon.stop(signal) == .signal(SIGKILL))
            }
        }
        try Self.readRest(workspace)
        try Self.expectSame(workspace, as: bytes)
    }

    @Test(arguments: RealLog.all + RealLog.workers)
    func `every kind of log, in pieces and with restarts`(log: RealLog) throws {
        var generator = SeededGenerator()
        let bytes = try log.bytes()
        // Of other logs no line is late, which is meant for the upstream's own pace.
        let options = log.options + ["--lateness-ms", "15000"]
        let workspace = try Workspace()
        let file = try LogFile(workspace.log)
        var daemon = try Self.start(workspace, options)
        for piece in Self.pieces(of: bytes, longest: bytes.count / 3) {
            try file.append(piece)
            guard Bool.random(using: &generator) else { continue }
            _ = try daemon.stop(Bool.random(using: &generator) ? SIGTERM : SIGKILL)
            daemon = try Self.start(workspace, options)
        }
        try Self.finish(daemon, workspace, read: bytes.count, options)
        try Self.expectSame(workspace, as: bytes, options)
    }

    @Test func `cut in two by a rename, apart from offsets and keys`() throws {
        var generator = SeededGenerator()
        let bytes = try RealLog.large.bytes()
        let newlines = bytes.indices.filter { bytes[$0] == UInt8(ascii: "\n") }
        let cut = try #require(newlines.randomElement(using: &generator)) + 1
        let workspace = try Workspace()
        let log = try LogFile(workspace.log)
        let daemon = try Self.start(workspace)
        for piece in Self.pieces(of: bytes[..<cut], longest: 200_000) { try log.append(piece) }
        try log.rotate(to: workspace.log + ".1")
        for piece in Self.pieces(of: bytes[cut...], longest: 200_000) { try log.append(piece) }
        try Self.finish(daemon, workspace, read: bytes.count)
        try Dump(workspace.database, path: workspace.log, .withoutPlaces)
            .expectSame(as: Self.reference(bytes, .withoutPlaces))
        try Tool.compare(workspace.database, with: [workspace.log + ".1", workspace.log])
    }

    @Test func `from a compressed file`() throws {
        let bytes = try RealLog.large.bytes()
        let workspace = try Workspace()
        try workspace.write(bytes, to: workspace.log)
        _ = try Tool.gzip([workspace.log])
        try Self.readRest(workspace, path: workspace.log + ".gz")
        try Self.expectSame(workspace, as: bytes, path: workspace.log + ".gz")
    }

    @Test(arguments: [".1", ".2", "-20261121", ".2026-11-21_02-00-00"], ["", ".gz"])
    func `from a rotated sibling`(name: String, compression: String) throws {
        let bytes = try RealLog.large.bytes()
        let workspace = try Workspace()
        try workspace.write(bytes, to: workspace.log + name)
        if !compression.isEmpty { _ = try Tool.gzip([workspace.log + name]) }
        try workspace.write(Data(), to: workspace.log)
        try Self.readRest(workspace)
        try Self.expectSame(workspace, as: bytes)
    }

    @Test(arguments: [false, true])
    func `half of it live, the rest from where it was rotated to meanwhile`(
        isCompressed: Bool
    ) throws {
        let bytes = try RealLog.large.bytes()
        let workspace = try Workspace()
        let log = try LogFile(workspace.log)
        let daemon = try Self.start(workspace)
        try log.append(bytes[..<1_500_000])
        try Self.awaitBytes(1_400_000, workspace)
        #expect(try daemon.stop() == .code(0))
        try log.append(bytes[1_500_000...])
        try log.rotate(to: workspace.log + ".1")
        if isCompressed { _ = try Tool.gzip([workspace.log + ".1"]) }
        try Self.readRest(workspace)
        try Self.expectSame(workspace, as: bytes)
    }

    // MARK: Steps

    private static func start(
        _ workspace: Workspace, _ options: [String] = RealLog.large.options
    ) throws -> RunningLogtail {
        let daemon = try LogtailBinary.start(
            options + ["--from-start", workspace.log], in: workspace)
        try daemon.ready()
        return daemon
    }

    private static func awaitBytes(_ count: Int, _ workspace: Workspace) throws {
        try eventually("\(count) bytes are read") {
            try TelemetryDatabase(workspace.database).bytesRead() >= count
        }
    }

    /// Stops the daemon once it has read everything, and closes the last episode.
    private static func finish(
        _ daemon: RunningLogtail, _ workspace: Workspace, read count: Int,
        _ options: [String] = RealLog.large.options
    ) throws {
        try awaitBytes(count, workspace)
        #expect(try daemon.stop() == .code(0))
        try readRest(workspace, options)
    }

    private static func readRest(
        _ workspace: Workspace, path: String? = nil, _ options: [String] = RealLog.large.options
    ) throws {
        let run = try LogtailBinary.run(
            options + ["--from-start", "--once", path ?? workspace.log], in: workspace)
        #expect(run.process.exit == .code(0), "\(run.errorLines)")
    }

    /// What one uninterrupted reading of a plain file leaves.
    private static func reference(
        _ bytes: Data, _ detail: Dump.Detail = .whole, _ options: [String] = RealLog.large.options
    ) throws -> Dump {
        let workspace = try Workspace()
        try workspace.write(bytes, to: workspace.log)
        try readRest(workspace, options)
        return try Dump(workspace.database, path: workspace.log, detail)
    }

    private static func expectSame(
        _ workspace: Workspace, as bytes: Data, path: String? = nil,
        _ options: [String] = RealLog.large.options,
        _ location: SourceLocation = #_sourceLocation
    ) throws {
        try Dump(workspace.database, path: path ?? workspace.log)
            .expectSame(as: reference(bytes, .whole, options), location)
    }

    /// Pieces of random lengths up to `longest`; many of them are short.
    private static func pieces(
        of bytes: Data, longest: Int, for test: String = #function
    ) -> [Data] {
        var generator = SeededGenerator(for: test)
        var pieces: [Data] = []
        var rest = bytes
        while !rest.isEmpty {
            let limit = Bool.random(using: &generator) ? longest : longest / 10
            let length = Int.random(in: 1...limit, using: &generator)
            pieces.append(rest.prefix(length))
            rest = rest.dropFirst(length)
        }
        return pieces
    }
}
