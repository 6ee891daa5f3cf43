import Foundation

/// A real log among the fixtures: its parts in order, and what is needed to read it.
struct RealLog: CustomStringConvertible, Sendable {
    let name: String
    let files: [String]
    var observer = "headroom"
    var zone = "UTC"
    /// The name it has where it is followed.
    var path = "proxy-8787.log"

    var description: String { name }

    /// The options it is read with.
    var options: [String] { ["--observer", observer, "--timezone", zone] }

    /// Its bytes, unpacked.
    func bytes() throws -> Data {
        try files.reduce(into: Data()) { bytes, file in
            bytes += try Self.contents(Self.fixtures + "/\(observer)/\(file)")
        }
    }

    /// The log of three million bytes and twenty-two stalls.
    static let large = RealLog(
        name: "headroom 0.42.0",
        files: [
            "proxy-8787.log.1.headroom-0.42.0.log", "proxy-8787.log.1.headroom-0.42.0.cont.log.gz",
        ])

    /// Its first hundred thousand bytes.
    static let small = RealLog(
        name: "headroom 0.42.0, beginning", files: ["proxy-8787.log.1.headroom-0.42.0.log"])

    static let all = [
        large,
        RealLog(
            name: "headroom 0.37.0",
            files: ["proxy.headroom-0.37.0.log", "proxy.headroom-0.37.0.cont.log.gz"],
            zone: "America/Noronha", path: "proxy.log"),
        RealLog(
            name: "headroom 0.6.7",
            files: ["proxy.headroom-0.6.7.log", "proxy.headroom-0.6.7.cont.log.gz"],
            zone: "America/New_York", path: "proxy.log"),
        RealLog(
            name: "headroom 0.6.7, wrapped",
            files: ["proxy.headroom-0.6.7-wrap.log", "proxy.headroom-0.6.7-wrap.cont.log.gz"],
            zone: "America/New_York", path: "proxy.log"),
        RealLog(
            name: "headroom 0.42.0, forged",
            files: [
                "proxy-8792.headroom-0.42.0-forged.log",
                "proxy-8792.headroom-0.42.0-forged.cont.log.gz",
            ]),
        RealLog(
            name: "headroom 0.42.0, end of summer time",
            files: ["proxy-8795.headroom-0.42.0-dstfold.excerpt.log"], zone: "Europe/Berlin"),
        RealLog(
            name: "headroom 0.42.0, captured output",
            files: ["proxy-stdio-8791.headroom-0.42.0.excerpt.log"], zone: "Europe/Berlin"),
        RealLog(
            name: "nginx, text", files: ["access-timed.log"], observer: "nginx",
            zone: "Asia/Kolkata",
            path: "access.log"),
        RealLog(
            name: "nginx, JSON", files: ["access-json.log"], observer: "nginx",
            zone: "Asia/Kolkata", path: "access.log"),
        RealLog(
            name: "nginx, without times", files: ["access.log"], observer: "nginx",
            zone: "Asia/Kolkata", path: "access.log"),
    ]

    /// The logs of two workers of one proxy.
    static let workers = [19_322, 19_324].map { pid in
        RealLog(
            name: "headroom 0.42.0, worker \(pid)",
            files: ["proxy-8790-\(pid).headroom-0.42.0-workers2.log.gz"], zone: "Asia/Kolkata",
            path: "proxy-8790-\(pid).log")
    }

    /// The repository.
    static let root = URL(fileURLWithPath: #filePath)
        .appendingPathComponent("../../../..").standardized.path

    private static let fixtures = root + "/Tests/GoldenFixtures"

    private static func contents(_ path: String) throws -> Data {
        guard path.hasSuffix(".gz") else { return try Data(contentsOf: URL(fileURLWithPath: path)) }
        return try Tool.gzip(["--decompress", "--stdout", path])
    }
}
