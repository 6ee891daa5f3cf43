import Syscalls
import Testing

@testable import Bus

struct ArchiveFileOptionsTests {
    private static func parse(
        _ rest: String
    ) throws(BusError) -> (path: String, options: ArchiveFileOptions) {
        try ArchiveFileOptions.parse(
            BusLocation(
                url: "file:" + rest, rest: rest,
                surroundings: BusSurroundings(environment: [:], database: "/db")))
    }

    @Test(arguments: [
        ("/var/log/a.ndjson", "/var/log/a.ndjson"),
        ("///var/log/a", "/var/log/a"),
        ("/var//log/./a", "/var/log/a"),
        ("/var/a%3fb%25%20c", "/var/a?b% c"),
        ("/var/a=b&c", "/var/a=b&c"),
        ("/a?max-size=1", "/a"),
    ])
    func `a path is absolute and has one spelling`(rest: String, path: String) throws {
        #expect(try Self.parse(rest).path == path)
    }

    @Test func `a relative path is one in the working folder`() throws {
        #expect(try Self.parse("a/b.ndjson").path == Folder.working + "/a/b.ndjson")
    }

    @Test func `what is not said has a default`() throws {
        let options = try Self.parse("/a").options
        #expect(options.maxSize == 10_485_760)
        #expect(options.maxFiles == 5)
        #expect(options.maxTotal == 0)
        #expect(options.sync == .interval)
        #expect(options.names == .timestamp)
        #expect(options.ship == nil)
    }

    @Test(arguments: [
        ("0", 0), ("1", 1), ("1024", 1_024), ("1KiB", 1_024), ("10MiB", 10_485_760),
        ("2GiB", 2_147_483_648), ("007", 7),
    ])
    func `sizes are bytes, KiB, MiB or GiB`(text: String, bytes: Int64) throws {
        #expect(try Self.parse("/a?max-size=\(text)").options.maxSize == bytes)
        #expect(try Self.parse("/a?max-total=\(text)").options.maxTotal == bytes)
    }

    @Test func `every option is taken`() throws {
        let numbered = try Self.parse("/a?names=numbered&max-files=0&fsync=none").options
        #expect(numbered.names == .numbered)
        #expect(numbered.maxFiles == 0)
        #expect(numbered.sync == .none)
        let shipped = try Self.parse("/a?fsync=event&ship=cp%20%22$1%22%20/x%26y;%20echo=").options
        #expect(shipped.sync == .event)
        #expect(shipped.ship == #"cp "$1" /x&y; echo="#)
    }

    @Test(arguments: [
        ("", "the path is missing"),
        ("?max-size=1", "the path is missing"),
        ("/", "that of a folder"),
        ("/a/", "that of a folder"),
        ("/a/..", "that of a folder"),
        ("//host/a", "it names a host"),
        ("/a%00b", "zero byte"),
        ("/a%", "% must be written as %25"),
        ("/a%2", "% must be written as %25"),
        ("/a%+1", "% must be written as %25"),
        ("/a%zz", "% must be written as %25"),
        ("/a%ff", "it is not UTF-8"),
        ("/a?", "an option has no value"),
        ("/a?=1", "an option has no value"),
        ("/a?max-size", "max-size has no value"),
        ("/a?max-size=", "max-size has no value"),
        ("/a?max-size=1&", "an option has no value"),
        ("/a?max-size=1&max-size=1", "max-size comes twice"),
        ("/a?maxsize=1", "there is no option maxsize"),
        ("/a?Max-size=1", "there is no option Max-size"),
        ("/a?max-size=-1", "max-size=-1 is no size; it takes bytes, or KiB, MiB, GiB"),
        ("/a?max-size=+1", "is no size"),
        ("/a?max-size=1.5MiB", "is no size"),
        ("/a?max-size=MiB", "is no size"),
        ("/a?max-size=1k", "is no size"),
        ("/a?max-size=1MB", "is no size"),
        ("/a?max-size=1mib", "is no size"),
        ("/a?max-size=99999999999999999999", "is no size"),
        ("/a?max-total=9999999999GiB", "is too large"),
        ("/a?max-files=1KiB", "max-files=1KiB is no number"),
        ("/a?fsync=always", "fsync=always is none of event, interval, none"),
        ("/a?names=dated", "names=dated is none of timestamp, numbered"),
        ("/a?ship=%20%09", "ship has no value"),
        ("/a?names=numbered&ship=true", "ship needs names=timestamp"),
    ])
    func `what is not understood says why, and what would be`(rest: String, reason: String) {
        let error = #expect(throws: BusError.self) { try Self.parse(rest) }
        let text = error.map { "\($0)" } ?? ""
        #expect(text.contains(reason), "\(text)")
        #expect(text.contains("the form is file:PATH?max-size=10MiB&"))
        #expect(error?.isFinal == true)
    }

    @Test func `the position's name does not change with the options`() throws {
        let surroundings = BusSurroundings(environment: [:], database: "/db")
        let plans = try SinkPlan.plans(["file:///a/b?max-size=1KiB", "stdout:"], surroundings)
        #expect(plans.map(\.name) == ["file:/a/b", "stdout:"])
        #expect(throws: BusError.self) {
            try SinkPlan.plans(["file:/a/b?max-size=1KiB", "file:/a/b"], surroundings)
        }
    }
}
