import Synchronization
import Testing

@testable import LogTail

@Suite struct UpkeepScheduleTests {
    /// Upkeep that answers as it is told to, each step taking a millisecond of a clock of its own.
    private final class Script: Upkeep {
        var now: Int64 = 0
        var answers: [UpkeepProgress?] = []
        private(set) var steps = 0

        func step() throws(RecorderError) -> UpkeepProgress {
            steps += 1
            now += 1_000_000
            guard !answers.isEmpty else { return .done }
            guard let answer = answers.removeFirst() else { throw RecorderError("locked") }
            return answer
        }
    }

    private let script = Script()

    private func schedule(_ journal: Journal = .silent) -> UpkeepSchedule {
        UpkeepSchedule(script, journal, clock: { script.now })
    }

    private let more = UpkeepProgress.more(rows: 100, isUrgent: false)
    private let urgent = UpkeepProgress.more(rows: 100, isUrgent: true)

    @Test func `nothing is ever due where there is no upkeep`() {
        let schedule = UpkeepSchedule(nil, .silent)
        schedule.noteCommit(rows: 1_000_000)
        schedule.run()
        #expect(!schedule.isPending)
        #expect(!schedule.isReadingHeld)
    }

    @Test func `it is due at the start, then with a commit, once a minute or for many rows`() {
        let schedule = schedule()
        #expect(schedule.isPending)
        schedule.run()
        #expect(!schedule.isPending)
        schedule.noteCommit(rows: 255)
        #expect(!schedule.isPending)
        schedule.noteCommit(rows: 1)
        #expect(schedule.isPending)
        schedule.run()
        script.now += 59_999_000_000
        schedule.noteCommit(rows: 1)
        #expect(!schedule.isPending)
        script.now += 1_000_000
        schedule.noteCommit(rows: 1)
        #expect(schedule.isPending)
    }

    @Test func `a turn is over after two milliseconds, and the next goes on`() {
        script.answers = Array(repeating: more, count: 5)
        let schedule = schedule()
        for steps in [2, 4, 6] {
            #expect(schedule.isPending)
            schedule.run()
            #expect(script.steps == steps)
            #expect(!schedule.isReadingHeld)
        }
        #expect(!schedule.isPending)
    }

    @Test func `where it is urgent, reading waits until twice what came in is gone`() {
        script.answers = Array(repeating: urgent, count: 9)
        let schedule = schedule()
        schedule.run()
        // What was there at the start holds nothing up.
        #expect(!schedule.isReadingHeld)
        schedule.noteCommit(rows: 150)
        #expect(schedule.isReadingHeld)
        schedule.run()
        #expect(schedule.isReadingHeld)
        schedule.run()
        #expect(!schedule.isReadingHeld)
        #expect(schedule.isPending)
    }

    @Test func `a failure is told once, holds nothing up, and is tried again later`() {
        script.answers = [nil, nil, urgent, nil, .done, nil]
        let counter = Counter()
        let schedule = schedule(Journal { _, _ in counter.count.add(1, ordering: .relaxed) })
        for expected in [1, 1, 1, 1, 2] {
            schedule.noteCommit(rows: 1_000)
            #expect(schedule.isPending)
            schedule.run()
            #expect(!schedule.isReadingHeld)
            #expect(!schedule.isPending)
            #expect(counter.count.load(ordering: .relaxed) == expected)
        }
    }

    private final class Counter: Sendable {
        let count = Atomic(0)
    }
}
