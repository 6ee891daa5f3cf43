import Checkpoint
import Testing

/// Stretches of bytes, by length and digest.
@Suite struct FingerprintTests {
    @Test func `a stretch reads back from its text`() {
        for bytes: [UInt8] in [[], [0], Array(0...255)] {
            let stretch = Fingerprint.Stretch(of: bytes)
            #expect(stretch.length == bytes.count)
            #expect(Fingerprint.Stretch(text: stretch.text) == stretch)
        }
    }

    @Test func `bytes that differ or are fewer make another stretch`() {
        let stretches = [[], [0], [0, 0], [1]].map { Fingerprint.Stretch(of: $0) }
        #expect(Set(stretches).count == stretches.count)
        #expect(Fingerprint.empty.head == Fingerprint.Stretch(of: []))
    }

    @Test(arguments: [
        "", ":", "1", "1:", "x:e52d9c508c502347344d8c07ad91cbd6",
        "-1:e52d9c508c502347344d8c07ad91cbd6", "1:e52d9c508c502347344d8c07ad91cbd",
        "1:e52d9c508c502347344d8c07ad91cbd6:",
    ])
    func `what is not a length and a digest is no stretch`(_ text: String) {
        #expect(Fingerprint.Stretch(text: text) == nil)
    }
}
