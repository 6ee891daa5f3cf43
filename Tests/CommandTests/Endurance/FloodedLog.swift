import Foundation
import TestSupport

/// A log that is written at a fixed rate, whatever else goes on: nearly all of it is noise, every
/// hundredth line is a request, and every second request is slow enough for a row.
final class FloodedLog {
    /// What has been written to it so far.
    struct Contents {
        /// The slow requests, in order.
        var slow: [String] = []
        var requests = 0
        var bytes = 0
    }

    private static let linesPerSecond = 20_000
    /// Lines from one request to the next, that one included.
    private static let stride = 100
    /// What a line of noise is but for its number, which makes it another one than all others.
    private static let noise = Array("00000000 DEBUG a chunk of a response went to a client\n".utf8)
    private static let digits = 8

    let path: String
    private(set) var contents = Contents()
    private let reopenRequest: String
    private var file: LogFile
    private var generator: SeededGenerator
    private var writer: HeadroomWriter
    private var lines = 0
    private var noise = (1..<stride).flatMap { _ in FloodedLog.noise }

    init(_ path: String, _ generator: SeededGenerator) throws {
        self.path = path
        self.generator = generator
        reopenRequest = path + ".reopen"
        file = try LogFile(path)
        writer = HeadroomWriter(generator)
    }

    /// A shell command that has the log reopened, and returns once it was.
    var reopenCommand: String {
        "touch \(reopenRequest); while [ -e \(reopenRequest) ]; do sleep 0.02; done"
    }

    /// Writes what a program that has run for so long has written.
    func write(upTo elapsed: Duration) throws {
        let due = Int(elapsed / .milliseconds(1)) * Self.linesPerSecond / 1_000
        while lines + Self.stride <= due {
            try reopenIfAsked()
            try writeStride()
        }
    }

    func reopenIfAsked() throws {
        guard FileManager.default.fileExists(atPath: reopenRequest) else { return }
        try file.reopen()
        try FileManager.default.removeItem(atPath: reopenRequest)
    }

    private func writeStride() throws {
        numberNoise()
        let isSlow = contents.requests.isMultiple(of: 2)
        writer.pass(milliseconds: Int64.random(in: 0...700, using: &generator))
        let line = writer.request(total: isSlow ? 900 : 12, connect: 5)
        let bytes = Data(noise) + Data(line.utf8)
        // Now and then a line comes in two writes.
        let cut =
            Int.random(in: 0..<8, using: &generator) == 0
            ? Int.random(in: noise.count..<bytes.count, using: &generator) : bytes.count
        try file.append(bytes.prefix(cut))
        if cut < bytes.count { try file.append(bytes.dropFirst(cut)) }
        lines += Self.stride
        contents.requests += 1
        contents.bytes += bytes.count
        if isSlow, let id = line.firstMatch(of: #/"request_id": "([^"]+)"/#) {
            contents.slow.append(String(id.1))
        }
    }

    private func numberNoise() {
        for line in 1..<Self.stride {
            var number = lines + line
            for place in (0..<Self.digits).reversed() {
                noise[(line - 1) * Self.noise.count + place] = 48 + UInt8(number % 10)
                number /= 10
            }
        }
    }
}
