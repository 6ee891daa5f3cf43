import Testing

@testable import Bus

struct SinkPlanTests {
    private static let surroundings = BusSurroundings(
        environment: ["RUNTIME_DIRECTORY": "/run/logtail"], database: "/var/db/t.sqlite")

    private static let accepted: [([String], [String])] = [
        ([], ["unix:/run/logtail/bus.sock"]),
        (["unix:"], ["unix:/run/logtail/bus.sock"]),
        (["unix:/tmp/b"], ["unix:/tmp/b"]),
        (["stdout:"], ["stdout:"]),
        (["stdout:", "unix:/tmp/a:b"], ["stdout:", "unix:/tmp/a:b"]),
        (["none"], []),
    ]

    private static let rejected: [([String], String)] = [
        ([""], "it is none of unix:PATH, stdout:, file:PATH?OPTIONS, none"),
        (["unix"], "it is none of"),
        (["/tmp/bus.sock"], "it is none of"),
        (["kafka://host"], "it is none of"),
        (["UNIX:/tmp/b"], "it is none of"),
        (["stdout:x"], "nothing may follow stdout:"),
        (["none", "stdout:"], "none stands alone"),
        (["stdout:", "none"], "none stands alone"),
        (["stdout:", "stdout:"], "named twice"),
        (["unix:", "unix:/run/logtail/bus.sock"], "named twice"),
    ]

    @Test(arguments: accepted)
    func `URLs become sinks in their order`(urls: [String], names: [String]) throws {
        #expect(try SinkPlan.plans(urls, Self.surroundings).map(\.name) == names)
    }

    @Test(arguments: rejected)
    func `a URL that is not understood says what is`(urls: [String], reason: String) {
        let error = #expect(throws: BusError.self) {
            try SinkPlan.plans(urls, Self.surroundings)
        }
        #expect(error.map { "\($0)" }?.contains(reason) == true, "\(String(describing: error))")
    }

    @Test func `a relative socket path has a name that does not depend on where it is used`() throws
    {
        let name = try #require(try SinkPlan.plans(["unix:b.sock"], Self.surroundings).first).name
        #expect(name.hasPrefix("unix:/"))
        #expect(name.hasSuffix("/b.sock"))
    }

    @Test(arguments: [
        (["RUNTIME_DIRECTORY": "/run/a", "XDG_RUNTIME_DIR": "/run/u"], "/run/a/bus.sock"),
        (["RUNTIME_DIRECTORY": "/run/a:/run/b"], "/run/a/bus.sock"),
        (["RUNTIME_DIRECTORY": "", "XDG_RUNTIME_DIR": "/run/u"], "/run/u/logtail/bus.sock"),
        (["XDG_RUNTIME_DIR": "/run/user/1000"], "/run/user/1000/logtail/bus.sock"),
        (["XDG_RUNTIME_DIR": ""], "/var/db/bus.sock"),
        (["XDG_RUNTIME_DIR": "relative"], "/var/db/bus.sock"),
        ([:], "/var/db/bus.sock"),
    ])
    func `the default socket is in the runtime folder, else beside the database`(
        environment: [String: String], path: String
    ) {
        let surroundings = BusSurroundings(environment: environment, database: "/var/db/t.sqlite")
        #expect(surroundings.socketPath == path)
    }

    @Test func `a database in the working folder has its socket there`() {
        let surroundings = BusSurroundings(environment: [:], database: "t.sqlite")
        #expect(surroundings.socketPath == "./bus.sock")
    }
}
