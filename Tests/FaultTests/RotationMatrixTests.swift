import Testing

@testable import LogTail

/// What holds of files that are renamed, compressed and made again, each with
/// a daemon that follows, lags behind, was stopped or was killed.
@Suite struct RotationMatrixTests {
    @Test(arguments: RotatedLog.Daemon.allCases)
    func `rename and create`(_ daemon: RotatedLog.Daemon) throws {
        let log = try RotatedLog(daemon)
        try log.happens {
            log.folder.rename("app.log", "app.log.1")
            log.write(2)
        }
        log.expectEveryLine()
    }

    @Test(arguments: RotatedLog.Daemon.allCases)
    func `rename, and create later`(_ daemon: RotatedLog.Daemon) throws {
        let log = try RotatedLog(daemon)
        try log.happens { log.folder.rename("app.log", "app.log.1") }
        log.engine.waitOut()
        log.write(2)
        log.expectEveryLine()
    }

    @Test(arguments: RotatedLog.Daemon.allCases)
    func `several rotations before the first was caught up with`(
        _ daemon: RotatedLog.Daemon
    ) throws {
        let log = try RotatedLog(daemon)
        try log.happens {
            for round in 1...3 {
                for age in stride(from: round - 1, through: 1, by: -1) {
                    log.folder.rename("app.log.\(age)", "app.log.\(age + 1)")
                }
                log.folder.rename("app.log", "app.log.1")
                log.write(2)
            }
        }
        log.expectEveryLine()
    }

    @Test func `four rotations with gzip of the older three while nobody looks`() throws {
        let log = try RotatedLog(.stopped)
        try log.happens {
            for round in 1...4 {
                for age in stride(from: round - 1, through: 1, by: -1) {
                    let suffix = age > 1 ? ".gz" : ""
                    log.folder.rename("app.log.\(age)\(suffix)", "app.log.\(age + 1)\(suffix)")
                    if age == 1 { log.folder.gzip("app.log.2") }
                }
                log.folder.rename("app.log", "app.log.1")
                log.write(2)
            }
        }
        #expect(log.folder.names.contains("app.log.4.gz"))
        log.expectEveryLine()
    }

    /// The names of a file that was rotated, and of one that was rotated after it.
    static let names = [
        ["app.log.2", "app.log.1"],
        ["app.log-20260613", "app.log-20260614"],
        ["app.log.20260613T083001Z", "app.log.20260613T083002Z"],
        ["app.2.log", "app.1.log"],
        ["app-2026-06-13-9.log", "app-2026-06-13-10.log"],
    ]

    @Test(arguments: RotatedLog.Daemon.allCases, names)
    func `numbered, dated and stem names`(_ daemon: RotatedLog.Daemon, _ names: [String]) throws {
        let log = try RotatedLog(daemon)
        try log.happens {
            log.folder.rename("app.log", names[0])
            log.write(2)
            log.folder.rename("app.log", names[1])
            log.write(2)
        }
        log.expectEveryLine()
    }

    @Test(arguments: RotatedLog.Daemon.allCases)
    func `olddir`(_ daemon: RotatedLog.Daemon) throws {
        let log = try RotatedLog(daemon, archives: "old")
        try log.happens {
            log.folder.rename("app.log", "old/app.log.2")
            log.folder.gzip("old/app.log.2")
            log.write(2)
            log.folder.rename("app.log", "old/app.log.1")
            log.write(2)
        }
        log.expectEveryLine()
    }

    @Test(arguments: RotatedLog.Daemon.allCases, [true, false])
    func `rotation to gz`(_ daemon: RotatedLog.Daemon, _ isDelayed: Bool) throws {
        let log = try RotatedLog(daemon)
        try log.happens {
            log.folder.rename("app.log", "app.log.1")
            log.write(2)
            if isDelayed {
                log.folder.rename("app.log.1", "app.log.2")
                log.folder.rename("app.log", "app.log.1")
                log.write(2)
            }
            log.folder.gzip(isDelayed ? "app.log.2" : "app.log.1")
        }
        log.expectEveryLine()
    }

    @Test func `a gz that is still being written is waited for`() throws {
        let log = try RotatedLog(.killed)
        var whole: [UInt8] = []
        try log.happens {
            log.folder.rename("app.log", "app.log.1")
            log.folder.compress("app.log.1")
            whole = log.folder.contents("app.log.1.gz")
            log.folder.put("app.log.1.gz", Array(whole.dropLast(12)))
            log.folder.delete("app.log.1")
            log.write(2)
        }
        #expect(!log.recorder.numbers.contains(log.written))
        #expect(log.recorder.notices(.archiveUnreadable).isEmpty)
        log.folder.put("app.log.1.gz", whole)
        log.engine.catchUp()
        log.expectEveryLine()
    }

    @Test func `a broken gz is read as far as it goes, and noticed`() throws {
        let log = try RotatedLog(.killed)
        try log.happens {
            log.write(200)
            log.folder.rename("app.log", "app.log.1")
            log.folder.gzip("app.log.1")
            let whole = log.folder.contents("app.log.1.gz")
            log.folder.put("app.log.1.gz", Array(whole.prefix(whole.count / 2)))
            log.write(2)
        }
        for _ in 0..<3 { log.engine.waitOut() }
        let numbers = log.recorder.numbers
        #expect(numbers.count > 5 && numbers.count < log.written)
        #expect(numbers.dropLast(2).elementsEqual(1...numbers.count - 2))
        #expect(numbers.suffix(2) == [log.written - 1, log.written])
        #expect(log.recorder.notices(.archiveUnreadable).count == 1)
    }

    @Test(arguments: RotatedLog.Daemon.allCases)
    func `delete and recreate`(_ daemon: RotatedLog.Daemon) throws {
        let log = try RotatedLog(daemon)
        let isOpen = daemon == .live || daemon == .behind
        try log.happens {
            log.folder.delete("app.log")
            log.write(2)
        }
        if isOpen { return log.expectEveryLine() }
        let lost = daemon == .killed ? 3..<6 : 3..<3
        #expect(log.recorder.numbers == (1...log.written).filter { !lost.contains($0) })
        #expect(log.recorder.notices(.missedRotation).count == 1)
    }

    @Test(arguments: [true, false])
    func `recreated in the same inode`(_ isLonger: Bool) throws {
        let log = try RotatedLog(.stopped)
        try log.happens {
            log.folder.delete("app.log")
            log.write(isLonger ? 9 : 2)
            log.recorder.inodeIsReused(by: log.folder("app.log"))
        }
        #expect(log.recorder.numbers == Array(1...log.written))
    }

    @Test(arguments: [true, false])
    func `a file system that is mounted again under another number`(_ isRotated: Bool) throws {
        let log = try RotatedLog(.stopped)
        try log.happens {
            log.recorder.fileSystemIsMountedAgain()
            if isRotated { log.folder.rename("app.log", "app.log.1") }
            log.write(2)
        }
        #expect(log.recorder.numbers == Array(1...log.written))
        #expect(log.recorder.notices(.missedRotation).isEmpty)
    }

    @Test func `two logs that begin alike are not one`() throws {
        let log = try RotatedLog(.stopped)
        let banner = String(repeating: "the same first lines\n", count: 60)
        log.folder.rename("app.log", "app.log.1")
        log.write(1, after: banner)
        try log.happens {
            log.folder.delete("app.log")
            log.write(9, after: banner)
            log.folder.rename("app.log", "app.log.0")
            log.write(1, after: banner)
        }
        log.expectEveryLine(noticing: [.missedRotation])
        #expect(log.recorder.notices(.missedRotation).count == 1)
    }

    @Test(arguments: RotatedLog.Daemon.allCases)
    func `atomic replace`(_ daemon: RotatedLog.Daemon) throws {
        let log = try RotatedLog(daemon)
        let isOpen = daemon == .live || daemon == .behind
        try log.happens {
            log.write(2, to: "app.new")
            log.folder.rename("app.new", "app.log")
        }
        if isOpen { return log.expectEveryLine() }
        let lost = daemon == .killed ? 3..<6 : 3..<3
        #expect(log.recorder.numbers == (1...log.written).filter { !lost.contains($0) })
        #expect(log.recorder.notices(.missedRotation).count == 1)
    }

    @Test(arguments: RotatedLog.Daemon.allCases)
    func `a symlink that is switched`(_ daemon: RotatedLog.Daemon) throws {
        let log = try RotatedLog(daemon, target: "first.out")
        try log.happens {
            log.folder.put("second.out", [])
            log.folder.link("app.log", to: "second.out")
            log.write(2)
        }
        log.expectEveryLine()
    }

    @Test(arguments: [RotatedLog.Daemon.live, .stopped])
    func `the folder removed and made again`(_ daemon: RotatedLog.Daemon) throws {
        let log = try RotatedLog(daemon)
        try log.happens {
            log.folder.delete("app.log")
            log.folder.removeFolder()
        }
        log.engine.catchUp()
        log.folder.makeAgain()
        log.write(2)
        log.engine.catchUp()
        log.expectEveryLine(noticing: daemon == .live ? [] : [.missedRotation])
    }

    @Test(arguments: [true, false])
    func `a writer that goes on in the renamed file`(_ isRestarted: Bool) throws {
        let log = try RotatedLog(.live)
        try log.happens { log.folder.rename("app.log", "app.log.1") }
        log.write(2, to: "app.log.1")
        log.engine.catchUp()
        log.write(2)
        log.engine.catchUp()
        if isRestarted {
            log.engine.kill()
            try log.engine.start()
        }
        log.write(2, to: "app.log.1")
        log.engine.catchUp()
        log.write(2)
        log.expectEveryLine()
    }

    @Test(arguments: RotatedLog.Daemon.allCases)
    func `a partial last line is completed later`(_ daemon: RotatedLog.Daemon) throws {
        let log = try RotatedLog(daemon)
        let writer = LogWriter(log.folder("app.log"))
        let text = NumberedLine.text(6)
        try log.happens { writer.write(String(text.prefix(20))) }
        #expect(log.recorder.numbers == Array(1...5))
        writer.write(String(text.dropFirst(20).dropLast()))
        log.engine.catchUp()
        #expect(log.recorder.numbers == Array(1...5))
        writer.write("\n")
        log.engine.catchUp()
        #expect(log.recorder.numbers == Array(1...6))
    }

    @Test(arguments: ["\r\n", "a\r\n", "\0\0\n", "\u{2028}\u{85}\n", "\n\n\n"])
    func `CRLF, NUL bytes and empty lines`(_ noise: String) throws {
        let log = try RotatedLog(.live)
        log.write(5, after: noise)
        log.engine.catchUp()
        log.expectEveryLine()
    }

    @Test func `invalid UTF-8`() throws {
        let log = try RotatedLog(.live)
        log.write([0xff, 0xc0, 0x80, 0xed, 0xa0, 0x80, 0x0a])
        log.write(2)
        log.engine.catchUp()
        log.expectEveryLine()
    }

    @Test(arguments: RotatedLog.Daemon.allCases)
    func `a sparse file`(_ daemon: RotatedLog.Daemon) throws {
        let log = try RotatedLog(daemon)
        try log.happens {
            log.folder.truncate("app.log", to: log.folder.size("app.log") + 3_000_000)
            log.write(1, after: "\n")
        }
        log.write(2)
        log.engine.catchUp()
        #expect(log.recorder.numbers == Array(1...log.written))
    }

    @Test func `a file that grows while it is read`() throws {
        let log = try RotatedLog(.live)
        for _ in 0..<50 {
            log.write(3)
            log.engine.read(budget: 100)
        }
        log.engine.catchUp()
        log.expectEveryLine()
    }

    @Test func `gone for good`() throws {
        let log = try RotatedLog(.stopped)
        let position = log.folder.size("app.log")
        try log.happens {
            log.folder.delete("app.log")
            log.write(1)
            log.folder.rename("app.log", "app.log.3")
            log.write(2)
            log.folder.rename("app.log", "app.log.2")
            log.write(2)
            log.folder.rename("app.log", "app.log.1")
            log.write(2)
            log.folder.delete("app.log.3")
        }
        #expect(log.recorder.numbers == [1, 2, 3, 4, 5] + Array(7...log.written))
        let notices = log.recorder.notices(.missedRotation)
        #expect(notices.count == 1)
        #expect(notices.first?.value(of: "offset") == position + 3 * NumberedLine.bytes)
        #expect(notices.first?.contains("app.log.2\"") == true)
        // Said once, not at every start.
        log.engine.stop()
        try log.engine.start()
        #expect(log.recorder.notices(.missedRotation).count == 1)
    }
}
