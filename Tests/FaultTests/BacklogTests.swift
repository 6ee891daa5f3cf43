import TestSupport
import Testing

@testable import LogTail

/// What happens to a log of which much is left, so that a thread reads it ahead.
@Suite struct BacklogTests {
    /// What happens between two shares of reading.
    private enum Incident: CaseIterable {
        case none, rename, copyAndTruncate, failure, stop, kill
    }

    private final class Backlog {
        let folder = LogFolder()
        let engine: Engine
        private(set) var written = 0
        private var rotations = 0

        init() throws {
            engine = Engine(path: folder("app.log"), try WatchTable())
        }

        /// Appends some MiB.
        func write() {
            let noise = String(repeating: "of no interest ", count: 150) + "\n"
            var text = ""
            for _ in 0..<3_000 {
                written += 1
                text += NumberedLine.text(written) + noise
            }
            LogWriter(folder("app.log")).write(text)
        }

        func meet(_ incident: Incident) throws {
            switch incident {
            case .none: break
            case .rename:
                makeRoom()
                folder.rename("app.log", "app.log.1")
                write()
            case .copyAndTruncate:
                makeRoom()
                folder.put("app.log.1", folder.contents("app.log"))
                folder.truncate("app.log", to: 0)
                write()
            case .failure:
                engine.recorder.isFailing = true
                engine.read(budget: 2 << 20)
                engine.commit()
                engine.recorder.isFailing = false
            case .stop:
                engine.stop()
                try engine.start()
            case .kill:
                engine.kill()
                try engine.start()
            }
        }

        private func makeRoom() {
            for number in stride(from: rotations, to: 0, by: -1) {
                folder.rename("app.log.\(number)", "app.log.\(number + 1)")
            }
            rotations += 1
        }
    }

    @Test func `every line becomes a row, once and in order, whatever happens meanwhile`() throws {
        var random = SeededGenerator(for: "backlog")
        let backlog = try Backlog()
        backlog.write()
        try backlog.engine.start()
        var history: [Incident] = []
        var wasReadAhead = false
        // Each at least once.
        for incident in (Incident.allCases + Incident.allCases).shuffled(using: &random) {
            backlog.write()
            backlog.engine.examine()
            backlog.engine.read(budget: Int.random(in: 1...4 << 20, using: &random))
            wasReadAhead = wasReadAhead || backlog.engine.isReadingAhead
            if Bool.random(using: &random) { backlog.engine.commit() }
            history.append(incident)
            try backlog.meet(incident)
        }
        for _ in 0..<3 { backlog.engine.waitOut() }
        #expect(wasReadAhead)
        let recorder = backlog.engine.recorder
        let isComplete = recorder.numbers == Array(1...backlog.written)
        #expect(isComplete, "\(recorder.numbers.count) of \(backlog.written) rows: \(history)")
        #expect(recorder.observations == Int64(backlog.written), "\(history)")
    }
}
