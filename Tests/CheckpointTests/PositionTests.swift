import Checkpoint
import Testing

/// Positions and what they are recognised by survive a database.
@Suite struct PositionTests {
    private func position(birth: Int64?) -> Position {
        Position(
            identity: FileIdentity(device: .max, inode: 7, birth: birth), offset: 4_096,
            fingerprint: Fingerprint(head: .init(of: [1, 2, 3]), tail: .init(of: [4])))
    }

    private func read(_ text: String, offset: Int64 = 4_096) -> Position? {
        Position(device: .max, inode: 7, offset: offset, fingerprintText: text)
    }

    /// As version 1 wrote it; it stays readable for ever.
    private static let sample =
        "1 birth=-5 head=3:039058c6f2c0cb492c533b0a4d14ef77 tail=1:e52d9c508c502347344d8c07ad91cbd6"

    @Test func `reads what version 1 wrote and writes the same`() throws {
        let found = try #require(read(Self.sample))
        #expect(found == position(birth: -5))
        #expect(found.fingerprintText == Self.sample)
    }

    @Test(arguments: [nil, .min, -1, 0, .max] as [Int64?])
    func `a position reads back as it was`(_ birth: Int64?) {
        let position = position(birth: birth)
        #expect(read(position.fingerprintText) == position)
    }

    @Test func `what is no fingerprint of version 1 is none`() {
        let rejected = [
            "", "1", "2" + Self.sample.dropFirst(), Self.sample + " ", " " + Self.sample,
            Self.sample.replacing("birth=-5", with: "birth="),
            Self.sample.replacing("birth=-5", with: "birth=x"),
            Self.sample.replacing("head=3", with: "head=-3"),
            Self.sample.replacing("tail", with: "head"),
            Self.sample.replacing("39058", with: "3905"),
        ]
        for text in rejected { #expect(read(text) == nil, "\(text)") }
        #expect(read(Self.sample, offset: -1) == nil)
    }

    @Test func `a file is known by its birth, and else by its device`() {
        func identity(_ device: UInt64, _ inode: UInt64, _ birth: Int64?) -> FileIdentity {
            FileIdentity(device: device, inode: inode, birth: birth)
        }
        #expect(identity(1, 2, 3).isSameFile(as: identity(1, 2, 3)))
        // Another device number after a restart of the machine.
        #expect(identity(1, 2, 3).isSameFile(as: identity(9, 2, 3)))
        // An inode that was handed out again.
        #expect(!identity(1, 2, 3).isSameFile(as: identity(1, 2, 4)))
        #expect(!identity(1, 2, 3).isSameFile(as: identity(1, 3, 3)))
        #expect(identity(1, 2, nil).isSameFile(as: identity(1, 2, 3)))
        #expect(!identity(1, 2, nil).isSameFile(as: identity(9, 2, nil)))
    }
}
