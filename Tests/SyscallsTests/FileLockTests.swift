import Foundation
import Syscalls
import TestSupport
import Testing

@Suite final class FileLockTests {
    private let path = NSTemporaryDirectory() + "logtail-lock-" + UUID().uuidString

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    private func isAcquired(_ path: String) throws -> Bool {
        try FileLock.acquire(path) != nil
    }

    @Test func `a byte is locked once, and left alone by locks on others`() throws {
        _ = try FileDescriptor(creating: path)
        do {
            let lock = try ByteLock.acquire(path)
            #expect(lock != nil)
            #expect(try ByteLock.acquire(path) == nil)
            #expect(try !isAcquired(path), "the whole of a file has that byte in it")
            withExtendedLifetime(lock) {}
        }
        #expect(try ByteLock.acquire(path) != nil)
        #expect(try isAcquired(path))
    }

    @Test func `a held lock names its holder, and is free once that is gone`() throws {
        let mine = ProcessInfo.processInfo.processIdentifier
        #expect(try FileLock.holder(of: path) == nil)
        do {
            let lock = try #require(try FileLock.acquire(path))
            #expect(try FileLock.holder(of: path) == mine)
            #expect(try !isAcquired(path))
            // The attempt and the question above have closed the file: the lock still holds.
            #expect(try FileLock.holder(of: path) == mine)
            withExtendedLifetime(lock) {}
        }
        // A process that another test starts has the file open too until its program runs.
        try eventually("the lock is free") { try FileLock.holder(of: path) == nil }
        try eventually("the lock can be taken") { try isAcquired(path) }
    }

    @Test func `what an earlier holder has written does not matter`() throws {
        try Data("99999999999999999999 and more".utf8).write(to: URL(fileURLWithPath: path))
        #expect(try FileLock.holder(of: path) == nil)
        #expect(try isAcquired(path))
        let text = try String(contentsOfFile: path, encoding: .utf8)
        #expect(text == "\(ProcessInfo.processInfo.processIdentifier)\n")
    }

    @Test func `a folder that is not there is a failure, and nobody holds it`() throws {
        #expect(throws: SystemCallError.self) { _ = try FileLock.acquire(path + "/x") }
        #expect(try FileLock.holder(of: path + "/x") == nil)
    }
}
