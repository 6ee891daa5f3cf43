import Syscalls
import Testing

struct ProgramOutputTests {
    @Test func `what a program writes is collected, however long it is`() throws {
        let script = "i=0; while [ $i -lt 20000 ]; do echo 0123456789; i=$((i+1)); done; exit 3"
        let (text, end) = try ProgramOutput.collect(["sh", "-c", script])
        #expect(text == String(repeating: "0123456789\n", count: 20_000))
        #expect(end == .exited(3))
    }

    @Test func `there is nothing to read for it`() throws {
        #expect(try ProgramOutput.collect(["cat"]).text == "")
        #expect(try ProgramOutput.collect(["sh", "-c", "kill -9 $$"]).end == .killed(signal: 9))
    }

    @Test func `a program that is not there is told`() {
        let error = #expect(throws: SystemCallError.self) {
            _ = try ProgramOutput.collect(["/nowhere/program"])
        }
        #expect(error?.isMissing == true)
    }
}
