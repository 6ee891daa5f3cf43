import Foundation
import Observers
import Testing

/// The real logs under Tests/GoldenFixtures.
struct Fixture: CustomTestStringConvertible {
    let url: URL
    let observer: any LineObserver.Type
    /// The zone the log was written in.
    let zone: Zone

    static let folder = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "GoldenFixtures")

    /// The file's name without `.gz` and `.log`.
    var name: String {
        var name = url.lastPathComponent
        for suffix in [".gz", ".log"] where name.hasSuffix(suffix) {
            name.removeLast(suffix.count)
        }
        return name
    }

    var testDescription: String { name }

    /// The expected observations.
    var expected: URL {
        url.deletingLastPathComponent().appending(path: name + ".observations")
    }

    static func all() throws -> [Fixture] {
        let zones = try zones()
        return try ObserverRegistry.all.flatMap { observer in
            let folder = folder.appending(path: observer.descriptor.name)
            return try FileManager.default.contentsOfDirectory(
                at: folder, includingPropertiesForKeys: nil
            )
            .filter { $0.lastPathComponent.hasSuffix(".log") || $0.pathExtension == "gz" }
            .sorted { $0.path < $1.path }
            .map { url in
                let fixture = Fixture(url: url, observer: observer, zone: .utc)
                return Fixture(url: url, observer: observer, zone: zones[fixture.name] ?? .utc)
            }
        }
    }

    private static func zones() throws -> [String: Zone] {
        let table = try String(
            contentsOf: folder.appending(path: "headroom/zones.tsv"), encoding: .utf8)
        var zones: [String: Zone] = [:]
        for line in table.split(separator: "\n") {
            let fields = line.split(separator: "\t")
            zones[String(fields[0])] = try Zone(named: String(fields[1]))
        }
        return zones
    }

    /// Every line the observer is given, without its newline, by its number in the file.
    func lines() throws -> [(number: Int, bytes: [UInt8])] {
        let bytes = try [UInt8](contents())
        var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        if lines.last?.isEmpty == true { lines.removeLast() }
        let marker = observer.descriptor.marker.map { Data($0.utf8) }
        return lines.enumerated().compactMap { index, line in
            if let marker, Data(line).range(of: marker) == nil { return nil }
            return (index + 1, Array(line))
        }
    }

    private func contents() throws -> Data {
        guard url.pathExtension == "gz" else { return try Data(contentsOf: url) }
        let gzip = Process()
        gzip.executableURL = URL(filePath: "/usr/bin/env")
        gzip.arguments = ["gzip", "-dc", url.path]
        let output = Pipe()
        gzip.standardOutput = output
        try gzip.run()
        let data = try output.fileHandleForReading.readToEnd() ?? Data()
        gzip.waitUntilExit()
        guard gzip.terminationStatus == 0 else { throw CocoaError(.fileReadCorruptFile) }
        return data
    }
}

extension Zone {
    /// The rule of a zone of the tz database.
    init(named name: String) throws {
        guard let zone = TimeZone(identifier: name) else { throw CocoaError(.fileReadUnknown) }
        self.init { zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double($0))) }
    }
}
