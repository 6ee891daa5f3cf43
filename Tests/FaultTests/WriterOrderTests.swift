import Glibc
import Synchronization
import Syscalls
import TestSupport
import Testing

@testable import LogTail

/// Rows come in the order of the lines, also where a writer goes on in a renamed file and begins
/// the next one in the middle of a look.
@Suite struct WriterOrderTests {
    private static let rotations = 150
    private static let linesInEach = 9

    @Test func `a line in a renamed file comes before those of its successor`() throws {
        let folder = LogFolder()
        let (path, rotated) = (folder("app.log"), folder("app.log.1"))
        _ = LogWriter(path)
        let engine = Engine(path: path, try WatchTable())
        try engine.start()
        let recorded = Lines()
        try BackgroundThread.start("writer", stackBytes: 256 * 1_024) {
            var random = SeededGenerator(for: "order of a writer's lines")
            for rotation in 0..<Self.rotations {
                let first = rotation * Self.linesInEach + 1
                let old = LogWriter(path)
                old.write(lines: first..<first + 2)
                // SAFETY: the paths outlive the call.
                unsafe _ = rename(path, rotated)
                // As logrotate does, long before the writer learns of it.
                _ = LogWriter(path)
                let moment =
                    ContinuousClock.now + .microseconds(.random(in: 0..<2_000, using: &random))
                while ContinuousClock.now < moment {}
                for line in first + 2..<first + 6 { old.write(NumberedLine.text(line)) }
                let new = LogWriter(path)
                for line in first + 6..<first + Self.linesInEach {
                    new.write(NumberedLine.text(line))
                }
                // Rotated again before it was read, a file would be lost.
                while recorded.count.load(ordering: .acquiring) < first + Self.linesInEach - 1 {}
            }
        }
        let all = Self.rotations * Self.linesInEach
        let deadline = ContinuousClock.now + .seconds(60)
        while recorded.count.load(ordering: .relaxed) < all, ContinuousClock.now < deadline {
            engine.catchUp()
            let count = Int(engine.tail?.interpreter.linesMatched ?? 0)
            recorded.count.store(count, ordering: .releasing)
        }
        recorded.count.store(.max, ordering: .releasing)
        let numbers = engine.recorder.numbers
        #expect(numbers.count == all)
        let misplaced = zip(numbers, 1...).first { $0 != $1 }
        #expect(misplaced == nil, "\(misplaced?.0 ?? 0) in place of \(misplaced?.1 ?? 0)")
    }

    /// How many lines are rows by now.
    private final class Lines: Sendable {
        let count = Atomic(0)
    }
}
