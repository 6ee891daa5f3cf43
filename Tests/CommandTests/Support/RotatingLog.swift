import Foundation
import TestSupport

/// A log that is written and rotated in small steps, as Python's RotatingFileHandler does it with
/// six old files: between any two of its renames a step ends, and something else may happen.
///
/// Nothing is rotated away before it was read: what a daemon that was down for six rotations
/// cannot have seen is not what is tested here.
final class RotatingLog {
    /// Copies of everything that was written, a file for each generation.
    private(set) var generations: [String] = []

    private static let backups = 6

    private let workspace: Workspace
    private var generator: SeededGenerator
    private var writer: HeadroomWriter
    private var file: LogFile
    private var copy: LogFile
    /// What is still to be written of a line that was begun.
    private var unwritten = Data()
    /// The renames still to be done of a rotation that was begun.
    private var renames: [(from: String, to: String)] = []
    /// Bytes that were written before each generation ended.
    private var ends: [Int] = []
    private var written = 0

    init(_ workspace: Workspace, _ generator: SeededGenerator) throws {
        self.workspace = workspace
        self.generator = generator
        writer = HeadroomWriter(generator)
        file = try LogFile(workspace.log)
        let name = workspace.newPath("generation")
        generations.append(name)
        copy = try LogFile(name)
    }

    /// One write, or one rename.
    func step() throws {
        if !renames.isEmpty {
            let (from, to) = renames.removeFirst()
            if workspace.exists(from) { try LogFile.rename(from, to) }
            if renames.isEmpty { try begin() }
        } else if Int.random(in: 0..<12, using: &generator) == 0, try mayRotate() {
            try finish()
            ends.append(written)
            renames = (0..<Self.backups).reversed().map { (name($0), name($0 + 1)) }
        } else {
            try write()
        }
    }

    /// Completes what was begun; every generation has a line.
    func finish() throws {
        while !renames.isEmpty { try step() }
        try append(unwritten + Data(writer.quick().utf8))
        unwritten = Data()
    }

    private func name(_ age: Int) -> String {
        age == 0 ? workspace.log : "\(workspace.log).\(age)"
    }

    private func begin() throws {
        try file.reopen()
        let name = workspace.newPath("generation")
        generations.append(name)
        copy = try LogFile(name)
    }

    private func write() throws {
        let lines = writer.traffic(Int.random(in: 1...40, using: &generator))
        unwritten += Data(lines.joined().utf8)
        // A block of lines seldom ends where a write ends.
        let length = Int.random(in: 0...unwritten.count, using: &generator)
        try append(unwritten.prefix(length))
        unwritten = Data(unwritten.dropFirst(length))
    }

    private func append(_ bytes: Data) throws {
        try file.append(bytes)
        try copy.append(bytes)
        written += bytes.count
    }

    /// Whether what would fall off the end was read.
    private func mayRotate() throws -> Bool {
        guard ends.count >= Self.backups else { return true }
        guard let read = try? TelemetryDatabase(workspace.database).bytesRead() else {
            return false
        }
        // And something after it, or nobody could tell that nothing is missing in between.
        return read > ends[ends.count - Self.backups]
    }
}
