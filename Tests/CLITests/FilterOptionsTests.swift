import ArgumentParser
import Observers
import Telemetry
import Testing

@testable import CLI

@Suite struct FilterOptionsTests {
    private func query(_ arguments: String...) throws -> EventQuery {
        try FilterOptions.parse(arguments).query()
    }

    @Test func `without options everything is asked for`() throws {
        #expect(try query() == EventQuery())
    }

    @Test func `each option is a filter, and lists may be repeated`() throws {
        let query = try query(
            "--since", "2026-06-13T08:00Z", "--until", "2026-06-13T09:00Z", "--source", "a",
            "--source", "b", "--event", "e", "--kind", "stall_episode", "--status", "stall",
            "--warnings")
        #expect(query.since?.text == "2026-06-13T08:00:00.000Z")
        #expect(query.until?.text == "2026-06-13T09:00:00.000Z")
        #expect(query.sources == ["a", "b"])
        #expect(query.events == ["e"])
        #expect(query.kinds == ["stall_episode"])
        #expect(query.statuses == ["stall"])
        #expect(query.warningsOnly)
    }

    @Test func `a window that is none is refused, and named`() {
        let error = #expect(throws: CommandFailure.self) {
            try query("--since", "1h", "--until", "2h")
        }
        #expect(error?.status == .usage)
        #expect(error?.message.contains("--since") == true)
    }

    @Test(arguments: [["--kind", "stall"], ["--status", "bad"], ["--since", "yesterday"]])
    func `an unknown value is refused`(arguments: [String]) {
        #expect(throws: (any Error).self) { try FilterOptions.parse(arguments) }
    }
}
