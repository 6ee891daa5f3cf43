import Foundation
import TestSupport
import Testing

/// Files of a folder that exchange their names and are led to by symlinks, while the daemon that
/// follows all of them is killed: each line is read once, under whatever name.
@Suite(.workspaces)
struct SharedFilesTests {
    private static let names = ["a.log", "b.log", "service.log", "old.log", "other.log", "app.log"]
    private static let links = ["a.log", "current.log", "app.log"]

    @Test func `whatever names files get, each line is read once`() throws {
        var generator = SeededGenerator()
        for _ in 0..<20 {
            var folder = try Names(FollowedLog(), generator)
            try folder.play(steps: 40)
            generator = folder.generator
        }
    }

    /// A folder in which something happens.
    private struct Names {
        var generator: SeededGenerator
        private let log: FollowedLog
        private var daemon: RunningLogtail?
        private var written: [String] = []

        init(_ log: FollowedLog, _ generator: SeededGenerator) {
            self.log = log
            self.generator = generator
        }

        mutating func play(steps: Int) throws {
            try start()
            for _ in 0..<steps { try step() }
            if daemon == nil { try start() }
            try log.awaitRequests(written, within: .seconds(20))
            try daemon?.ready()
            #expect(try daemon?.stop() == .code(0))
            try log.awaitRequests(written)
        }

        private mutating func step() throws {
            let files = try regularFiles()
            switch Int.random(in: 0..<20, using: &generator) {
            case 0..<8: try write()
            case 8..<12:
                if let file = pick(files), let name = pick(SharedFilesTests.names) {
                    try rename(file, name)
                }
            case 12, 13:
                if let one = pick(files), let other = pick(files), one != other {
                    try rename(one, "aside")
                    try rename(other, one)
                    try rename("aside", other)
                }
            case 14, 15:
                if let file = pick(files), let name = pick(SharedFilesTests.links) {
                    try link(name, to: file)
                }
            default:
                if let running = daemon {
                    let signal = pick([SIGKILL, SIGTERM]) ?? SIGKILL
                    let exit = try running.stop(signal)
                    #expect([.code(0), .signal(signal)].contains(exit))
                    daemon = nil
                } else {
                    try start()
                }
            }
        }

        private mutating func start() throws {
            daemon = try LogtailBinary.start(
                [
                    "--observer", "headroom", "--timezone", "UTC", "--from-start",
                    "--rotate-wait-ms", "100", path("*.log"),
                ], in: log.workspace)
            // Some are stopped before they have begun.
            if Bool.random(using: &generator) { try daemon?.ready() }
        }

        private mutating func write() throws {
            guard let name = pick(SharedFilesTests.names), !isLink(name) else { return }
            let request = "\(written.count)"
            try LogFile(path(name)).append(log.line(request))
            written.append(request)
        }

        private func rename(_ name: String, _ other: String) throws {
            if !isLink(other), !log.workspace.exists(path(other)) {
                try LogFile.rename(path(name), path(other))
            }
        }

        private func link(_ name: String, to file: String) throws {
            guard isLink(name) || !log.workspace.exists(path(name)) else { return }
            let new = path("link")
            try FileManager.default.createSymbolicLink(
                atPath: new, withDestinationPath: path(file))
            try LogFile.rename(new, path(name))
        }

        private func regularFiles() throws -> [String] {
            try FileManager.default.contentsOfDirectory(atPath: log.workspace.folder)
                .filter { $0.hasSuffix(".log") && !isLink($0) }.sorted()
        }

        private func isLink(_ name: String) -> Bool {
            (try? FileManager.default.destinationOfSymbolicLink(atPath: path(name))) != nil
        }

        private func path(_ name: String) -> String { log.workspace.path(name) }

        private mutating func pick<Element>(_ elements: [Element]) -> Element? {
            elements.randomElement(using: &generator)
        }
    }
}
