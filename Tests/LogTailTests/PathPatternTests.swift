import Testing

@testable import LogTail

/// Which paths a pattern stands for, and which names decide it.
@Suite struct PathPatternTests {
    private let folders = [
        "/": ["logs", "x"], "/logs": ["b.log", "a.log", "a.txt", "old"], "/logs/old": ["c.log"],
    ]

    private func paths(_ pattern: String) -> [String] {
        PathPattern(pattern).expand { folders[$0] }.paths
    }

    @Test func `expands every component, in order`() {
        #expect(paths("/logs/*.log") == ["/logs/a.log", "/logs/b.log"])
        #expect(paths("/l?gs/[ab].log") == ["/logs/a.log", "/logs/b.log"])
        #expect(paths("/*/old/*") == ["/logs/old/c.log"])
        #expect(paths("//logs/./a.log") == ["/logs/a.log"])
        #expect(paths("/logs/none.log") == [])
        #expect(paths("/none/*.log") == [])
    }

    @Test func `names the folders in which another one could match`() {
        let expansion = PathPattern("/*/old/*.log").expand { folders[$0] }
        #expect(expansion.folders == ["/", "/logs/old", "/x/old"])
        let named = PathPattern("/*/old/c.log").expand { folders[$0] }
        #expect(named.paths == ["/logs/old/c.log"])
        #expect(named.folders == ["/", "/logs/old", "/x/old"])
    }

    @Test func `knows a glob by its wildcards`() {
        for text in ["/a/*", "/?/b", "/[ab]"] { #expect(PathPattern(text).isGlob) }
        #expect(!PathPattern("/a/b.log").isGlob)
    }

    private func decisive(
        _ path: String, links: [String: String] = [:], missing: Set<String> = []
    ) -> [String] {
        PathPattern.decisiveNames(
            of: path, linkTarget: { links[$0] }, exists: { !missing.contains($0) }
        ).map { "\($0.folder) \($0.name)" }
    }

    @Test func `a plain path is decided by its own name`() {
        #expect(decisive("/var/log/app.log") == ["/var/log app.log"])
    }

    @Test func `every symlink on the way counts`() {
        let links = ["/var/log": "/data/logs", "/data/logs/app.log": "run-3.log"]
        #expect(
            decisive("/var/log/app.log", links: links)
                == ["/var log", "/data/logs app.log", "/data/logs run-3.log"])
        #expect(
            decisive("/a/link/app.log", links: ["/a/link": "../b"]) == ["/a link", "/b app.log"])
    }

    @Test func `where the way ends early, the missing name decides`() {
        #expect(
            decisive("/var/log/app.log", missing: ["/var/log", "/var/log/app.log"]) == ["/var log"])
    }

    @Test func `symlinks in a circle end`() {
        #expect(decisive("/a", links: ["/a": "/b", "/b": "/a"]).count <= 41)
    }
}
