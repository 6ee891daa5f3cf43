import Foundation
import TestSupport
import Testing

@testable import Bus

struct ExampleClientTests {
    private static let python = ["/usr/bin/python3", "/usr/local/bin/python3"]
        .first { FileManager.default.isExecutableFile(atPath: $0) }

    @Test(.enabled(if: python != nil))
    func `the Python client prints every row once across restarts of both ends`() throws {
        let folder = try TemporaryFolder()
        let log = MemoryLog()
        let state = folder.path + "/seq"
        var server: BusServer? = try BusServer(log: log, folder: folder)
        server?.commit(300)
        let first = try Follower(folder, ["--since", "0", "--state", state])
        #expect(eventually { first.lines.count == 300 })

        // The daemon is gone for a while, and comes back with more.
        server = nil
        log.append(50)
        server = try BusServer(log: log, folder: folder)
        #expect(eventually { first.lines.count == 350 })
        #expect(eventually { (try? String(contentsOfFile: state, encoding: .utf8)) == "350\n" })
        first.stop()

        // The client is gone for a while, and goes on where it was.
        server?.commit(5)
        let second = try Follower(folder, ["--state", state, "--kind", "stall_episode"])
        #expect(eventually { second.lines.count == 5 })
        second.stop()
        let seqs = try (first.lines + second.lines).map(BusClientProbe.seq)
        #expect(seqs == Array(1...355))
    }

    @Test(.enabled(if: python != nil))
    func `the Python client ends where the daemon refuses its request`() throws {
        let server = try BusServer()
        let follower = try Follower(server.folder, ["--since", "99999999999999999999"])
        #expect(eventually { !follower.isRunning })
        #expect(follower.status == 1)
    }

    /// A running `follow.py` whose output goes to a file.
    private final class Follower {
        private let process = Process()
        private let output: String

        init(_ folder: TemporaryFolder, _ arguments: [String]) throws {
            let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
                .appendingPathComponent("../../examples/clients/follow.py")
            output = folder.path + "/" + UUID().uuidString
            _ = FileManager.default.createFile(atPath: output, contents: nil)
            process.executableURL = URL(fileURLWithPath: try #require(ExampleClientTests.python))
            process.arguments =
                [script.path, "--socket", folder.path + "/bus.sock"] + arguments
            process.standardOutput = FileHandle(forWritingAtPath: output)
            process.standardError = FileHandle.nullDevice
            try process.run()
        }

        deinit {
            stop()
        }

        var isRunning: Bool { process.isRunning }

        var status: Int32 { process.terminationStatus }

        var lines: [String] {
            let text = (try? String(contentsOfFile: output, encoding: .utf8)) ?? ""
            return text.split(separator: "\n").map(String.init)
        }

        func stop() {
            guard process.isRunning else { return }
            // Not SIGTERM: the child inherits the mask of a test's thread, which blocks it.
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
        }
    }
}
