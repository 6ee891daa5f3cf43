import Testing

@testable import LogTail

/// What holds of files that are cut back, each with a daemon that follows,
/// lags behind, was stopped or was killed.
@Suite struct TruncationMatrixTests {
    private static let line = NumberedLine.bytes

    @Test(arguments: RotatedLog.Daemon.allCases)
    func `copy and truncate`(_ daemon: RotatedLog.Daemon) throws {
        let log = try RotatedLog(daemon)
        try log.happens { log.copyAndTruncate() }
        log.write(2)
        log.expectEveryLine(noticing: [.truncated])
    }

    @Test(arguments: RotatedLog.Daemon.allCases, [true, false])
    func `copy and truncate, regrown past the old offset`(
        _ daemon: RotatedLog.Daemon, _ isCompressed: Bool
    ) throws {
        let log = try RotatedLog(daemon)
        try log.happens {
            log.copyAndTruncate()
            if isCompressed { log.folder.gzip("app.log.1") }
            log.write(9)
        }
        log.expectEveryLine(noticing: [.truncated])
        #expect(log.recorder.notices(.truncated).count == 1)
    }

    @Test func `the tail that was only in the copy is recovered, and counted`() throws {
        let log = try RotatedLog(.behind)
        try log.happens { log.copyAndTruncate() }
        log.expectEveryLine(noticing: [.truncated])
        let notice = try #require(log.recorder.notices(.truncated).first)
        #expect(notice.value(of: "offset") == 2 * Self.line)
        #expect(notice.value(of: "recovered_bytes") == 3 * Self.line)
        #expect(notice.value(of: "lost_bytes") == 0)
        #expect(notice.contains("app.log.1\""))
    }

    @Test func `what is in neither file is counted as lost`() throws {
        let log = try RotatedLog(.behind)
        try log.happens {
            let copied = log.folder.contents("app.log")
            log.write(4)
            log.engine.examine()
            log.folder.put("app.log.1", copied)
            log.folder.truncate("app.log", to: 0)
        }
        #expect(log.recorder.numbers == Array(1...5))
        let notice = try #require(log.recorder.notices(.truncated).first)
        #expect(notice.value(of: "recovered_bytes") == 3 * Self.line)
        #expect(notice.value(of: "lost_bytes") == 4 * Self.line)
    }

    @Test func `without a copy all unread bytes are counted as lost`() throws {
        let log = try RotatedLog(.behind)
        try log.happens {
            log.engine.examine()
            log.folder.truncate("app.log", to: 0)
        }
        #expect(log.recorder.numbers == [1, 2])
        let notice = try #require(log.recorder.notices(.truncated).first)
        #expect(notice.value(of: "recovered_bytes") == 0)
        #expect(notice.value(of: "lost_bytes") == 3 * Self.line)
    }

    @Test(arguments: RotatedLog.Daemon.allCases)
    func `a position past the end of file is a truncation, never a wait`(
        _ daemon: RotatedLog.Daemon
    ) throws {
        let log = try RotatedLog(daemon)
        try log.happens { log.folder.truncate("app.log", to: Self.line) }
        log.write(2)
        log.engine.catchUp()
        let lost = daemon == .live || daemon == .stopped ? 3..<3 : 3..<6
        #expect(log.recorder.numbers == (1...log.written).filter { !lost.contains($0) })
        #expect(log.recorder.notices(.truncated).count == 1)
    }

    @Test func `truncated and regrown before its first line was read`() throws {
        let log = try RotatedLog(.live)
        log.folder.rename("app.log", "app.log.1")
        log.write(1)
        log.engine.examine()
        log.folder.truncate("app.log", to: 0)
        log.write(5)
        log.engine.catchUp()
        #expect(log.recorder.numbers == [1, 2] + Array(4...log.written))
        let notice = try #require(log.recorder.notices(.truncated).first)
        #expect(notice.value(of: "lost_bytes") == Self.line)
    }

    @Test func `copied and truncated in the middle of its first line`() throws {
        let log = try RotatedLog(.live)
        log.folder.rename("app.log", "app.log.1")
        let text = NumberedLine.text(3)
        let writer = LogWriter(log.folder("app.log"))
        writer.write(String(text.prefix(8)))
        log.engine.catchUp()
        writer.write(String(text.dropFirst(8)))
        log.folder.put("app.log.0", log.folder.contents("app.log"))
        log.folder.truncate("app.log", to: 0)
        writer.write(NumberedLine.text(4) + NumberedLine.text(5))
        log.engine.catchUp()
        #expect(log.recorder.numbers == Array(1...5))
    }

    @Test(arguments: RotatedLog.Daemon.allCases)
    func `copied and truncated again and again`(_ daemon: RotatedLog.Daemon) throws {
        let log = try RotatedLog(daemon)
        for round in 1...20 {
            try log.happens { log.copyAndTruncate(to: "app.log-\(20_260_100 + round)") }
        }
        log.expectEveryLine(noticing: [.truncated])
    }
}
