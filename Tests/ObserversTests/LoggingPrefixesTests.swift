import Testing

@testable import Observers

struct LoggingPrefixesTests {
    /// Lines after one of which the next is in the same minute, in another, or has no time.
    private static let lines = [
        "2026-11-21 01:37:09,281 - a", "2026-11-21 01:37:59,999 - b", "2026-11-21 01:37:60,000",
        "2026-11-21 01:37:61,000 - c", "2026-11-21 01:37:09.281 - d", "2026-11-21 01:37:09,28",
        "2026-11-21 01:38:00,000 - e", "2026-11-21 01:37:00,0000 - f", "2026-11-21 01:3",
        "2026-11-21 01:37", "2026-11-21 01:37-00,000", "2026-11-31 01:37:09,281 - g", "",
    ]

    @Test func `what came before changes nothing`() {
        for first in Self.lines {
            for second in Self.lines {
                var prefixes = LoggingPrefixes()
                _ = Self.time(of: first, &prefixes)
                let found = Self.time(of: second, &prefixes)
                #expect(
                    found == CivilTime(loggingPrefixOf: Array(second.utf8)), "\(first)\n\(second)")
            }
        }
    }

    private static func time(of line: String, _ prefixes: inout LoggingPrefixes) -> CivilTime? {
        prefixes.time(of: Array(line.utf8).span)
    }
}
