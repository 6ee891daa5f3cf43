import Testing

@testable import Telemetry

/// Every rule of retention, without a database.
@Suite struct RetentionChoiceTests {
    private static let none = RetentionLimits(days: 0, events: 0, mebibytes: 0)
    private static let large = RetentionLimits(days: 0, events: 0, mebibytes: 64)

    /// A row recorded in that minute of an hour.
    private func row(_ seq: Int64, minute: Int) -> RetentionChoice.Row {
        RetentionChoice.Row(seq: seq, recordedAt: time(minute))
    }

    private func time(_ minute: Int) -> String {
        "2026-06-13T08:\(minute < 10 ? "0" : "")\(minute):00.000Z"
    }

    private func view(events: [Int] = [], latency: [Int] = []) -> RetentionChoice.View {
        var view = RetentionChoice.View()
        view.events = events.enumerated().map { row(Int64($0.offset) + 1, minute: $0.element) }
        view.latency = latency.map(time)
        view.latest = Int64(events.count)
        return view
    }

    private func choice(
        _ view: RetentionChoice.View, _ limits: RetentionLimits = Self.none, rows: Int = 10
    ) -> RetentionChoice {
        RetentionChoice(view, limits, RetentionChoice.Measure(rows: rows, pages: 4, spare: 2))
    }

    @Test func `nothing goes where nothing is limited`() {
        var view = view(events: [0, 1, 2], latency: [0, 1])
        view.usedBytes = .max
        #expect(choice(view).isEmpty)
    }

    @Test func `what was recorded before the cutoff goes, what was at it stays`() {
        var view = view(events: [0, 1, 2, 3], latency: [0, 2, 2, 3])
        view.cutoff = time(2)
        let choice = choice(view)
        #expect([choice.events, choice.latency, choice.undelivered] == [2, 1, 0])
        #expect(!choice.isUrgent)
    }

    @Test func `a clock that was set back holds what comes after, never the other way round`() {
        var view = view(events: [0, 50, 1, 2])
        view.cutoff = time(10)
        #expect(choice(view).events == 1)
    }

    @Test(arguments: [(0, 0), (1, 4), (3, 2), (5, 0), (6, 0)])
    func `the latest events are kept, as many as wanted`(keep: Int64, gone: Int) {
        let limits = RetentionLimits(days: 0, events: keep, mebibytes: 0)
        #expect(choice(view(events: [0, 0, 0, 0, 0], latency: [0]), limits).events == gone)
        #expect(choice(view(events: [0, 0, 0, 0, 0], latency: [0]), limits).latency == 0)
    }

    @Test func `by age and count an event only goes once every sink has it`() {
        var view = view(events: [0, 0, 0, 0], latency: [0])
        view.cutoff = time(9)
        view.delivered = 3
        #expect(choice(view).events == 3)
        #expect(choice(view).latency == 1)
        view.delivered = 0
        view.latency = []
        let limits = RetentionLimits(days: 1, events: 1, mebibytes: 0)
        #expect(choice(view, limits).isEmpty)
    }

    @Test func `by size rows go in the order they were recorded, whoever waits for them`() throws {
        let room = try #require(Self.large.room)
        var view = view(events: [1, 4, 4, 7], latency: [0, 3, 4, 6])
        view.usedBytes = room.soft + 1
        view.delivered = 1
        for (rows, events, latency) in [
            (1, 0, 1), (2, 1, 1), (3, 1, 2), (4, 2, 2), (5, 3, 2), (6, 3, 3), (7, 3, 4), (9, 4, 4),
        ] {
            let choice = choice(view, Self.large, rows: rows)
            #expect([choice.events, choice.latency] == [events, latency])
            #expect(choice.undelivered == max(0, events - 1))
            #expect(!choice.isUrgent)
        }
        view.usedBytes = room.hard + 1
        #expect(choice(view, Self.large).isUrgent)
        view.usedBytes = room.soft
        #expect(choice(view, Self.large).isEmpty)
    }

    @Test func `where no row is left a limit that is still passed is not urgent`() {
        var view = view()
        view.usedBytes = .max
        #expect(choice(view, Self.large).isEmpty)
        #expect(!choice(view, Self.large).isUrgent)
    }

    @Test func `free pages go when no row does, but for some to spare`() {
        var view = view(events: [0])
        for (free, given) in [(0, 0), (2, 0), (3, 1), (6, 4), (100, 4)] {
            view.freePages = free
            #expect(choice(view).pages == given)
        }
        view.cutoff = time(1)
        #expect(choice(view).pages == 0)
    }

    @Test func `a step never takes more rows than it may`() {
        var view = view(
            events: Array(repeating: 0, count: 10), latency: Array(repeating: 0, count: 10))
        view.cutoff = time(1)
        view.usedBytes = .max
        for rows in 0...12 {
            let choice = choice(view, Self.large, rows: rows)
            #expect(choice.events + choice.latency == rows)
        }
    }

    @Test func `the room on the disk leaves some for the write-ahead log and a batch`() throws {
        for mebibytes in [1, 8, 64, 512, 1e12] {
            let limits = RetentionLimits(days: 0, events: 0, mebibytes: mebibytes)
            let room = try #require(limits.room)
            #expect(room.soft < room.hard)
            #expect(Double(room.hard + room.writeAhead) < mebibytes * 1_048_576)
            #expect(room.writeAhead <= 4 << 20)
        }
        #expect(Self.none.room == nil)
        #expect(Self.none.batchRows == 4_096)
        #expect(RetentionLimits(days: 0, events: 0, mebibytes: 8).batchRows == 256)
        #expect(RetentionLimits(days: 0, events: 0, mebibytes: 0.001).batchRows == 64)
        #expect(RetentionLimits.standard.batchRows == 4_096)
    }
}
