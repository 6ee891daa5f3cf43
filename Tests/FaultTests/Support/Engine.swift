import Checkpoint
import Observers
import Syscalls

@testable import LogTail

/// The engine of one path, driven step by step: what wakes the daemon is said by the test, and
/// the clock stands still unless the test moves it.
final class Engine {
    let path: String
    let recorder = MemoryRecorder()
    var configuration: TailConfiguration
    private(set) var tail: TailedFile?
    private(set) var now: Int64 = 1_000_000_000
    private let watches: WatchTable
    private var harvest: Harvest?
    private var committer: Committer?
    private var buffer = LineBuffer()

    /// Closing what watches files takes the kernel milliseconds, so that many engines may share
    /// one.
    init(path: String, archives: String? = nil, _ watches: WatchTable) {
        self.path = path
        self.watches = watches
        configuration = TailConfiguration(observer: NumberedLineObserver.self)
        configuration.archives = archives
        configuration.rotateWait = 5_000_000_000
    }

    var isRunning: Bool { tail != nil }

    /// True where a thread reads ahead of it.
    var isReadingAhead: Bool { buffer.ahead != nil }

    /// Starts, as a daemon does that finds its checkpoint.
    func start(_ start: TailedFile.Start = .oldest) throws {
        let harvest = Harvest(recorder: recorder, limit: 4_096)
        let memory = recorder.checkpoints[path].map(TailMemory.init) ?? TailMemory()
        let tail = TailedFile(path: path, configuration, memory, watches, harvest)
        (self.harvest, self.tail) = (harvest, tail)
        committer = Committer(recorder, harvest, .silent)
        try tail.begin(start, now: now)
        commit()
    }

    /// Ends at once, with nothing recorded that was not before.
    func kill() {
        for generation in tail?.generations ?? [] { tail?.unwatch(generation) }
        (tail, committer, harvest) = (nil, nil, nil)
    }

    /// Ends as after SIGTERM.
    func stop() {
        tail?.stop(reason: "stopped")
        commit()
        kill()
    }

    /// Looks at the path, as after a report that its name changed.
    func examine() { tail?.examine(now: now) }

    /// Reads until there is no more, or that many bytes; true where there is more.
    @discardableResult func read(budget: Int = .max) -> Bool {
        guard let tail else { return false }
        var left = budget
        while true {
            let before = tail.bytesRead
            guard tail.read(&buffer, budget: left, now: now) else { break }
            left -= Int(tail.bytesRead - before)
            if left <= 0 { return true }
            commit()
            if recorder.isFailing { return true }
        }
        return tail.settle(now: now)
    }

    /// Records what was read.
    func commit() {
        guard let tail, let committer else { return }
        if tail.isDirty { committer.note(tail) }
        _ = committer.commit(now)
    }

    /// Examines, reads and records until nothing is left.
    func catchUp() {
        examine()
        while read() { commit() }
        commit()
    }

    /// Lets time go by.
    func wait(_ nanoseconds: Int64) { now += nanoseconds }

    /// Lets so much time go by that renamed files are let go.
    func waitOut() {
        wait(configuration.rotateWait + 1)
        catchUp()
    }
}
