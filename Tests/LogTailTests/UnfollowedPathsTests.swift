import Checkpoint
import Testing

@testable import LogTail

struct UnfollowedPathsTests {
    private static let name = UnfollowedPaths.Name(source: "s", path: "/a.log")

    private static func identity(_ inode: UInt64) -> FileIdentity {
        FileIdentity(device: 1, inode: inode, birth: 5)
    }

    private static func memory(_ inode: UInt64, offset: Int64) -> TailMemory {
        var memory = TailMemory()
        memory.position = Position(
            identity: identity(inode), offset: offset, fingerprint: .empty)
        return memory
    }

    @Test func `what is not committed comes before what the database has, and only until then`() {
        for isCommitted in [false, true] {
            var paths = UnfollowedPaths()
            paths.addUncommitted(Self.memory(7, offset: 20), of: Self.name)
            if isCommitted { paths.noteCommit() }
            let memory = paths.take(Self.name) { Self.memory(7, offset: 10) }
            #expect(memory?.position?.offset == (isCommitted ? 10 : 20))
        }
    }

    @Test func `a file is known as far as it was read under any path, until that is followed`() {
        var paths = UnfollowedPaths()
        let other = UnfollowedPaths.Name(source: "s", path: "/b.log")
        paths.add(Self.memory(7, offset: 10), of: Self.name)
        paths.add(Self.memory(7, offset: 20), of: other)
        #expect(paths.position(of: Self.identity(7))?.offset == 20)
        #expect(paths.position(of: Self.identity(8)) == nil)
        #expect(paths.take(other) { Self.memory(7, offset: 20) } != nil)
        #expect(!paths.contains(other))
        #expect(paths.position(of: Self.identity(7))?.offset == 10)
        #expect(paths.take(Self.name) { Self.memory(7, offset: 10) } != nil)
        #expect(paths.position(of: Self.identity(7)) == nil)
        #expect(paths.take(Self.name) { Self.memory(7, offset: 10) } == nil)
    }
}
