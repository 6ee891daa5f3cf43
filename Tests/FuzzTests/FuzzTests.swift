import Foundation
import FuzzTargets
import Testing

/// The inputs that a fuzzer came to, tried again.
@Suite struct FuzzTests {
    private static let corpus = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().appending(path: "FuzzCorpus")

    @Test(arguments: FuzzTarget.allCases)
    func `nothing in the corpus finds anything`(target: FuzzTarget) throws {
        let folder = Self.corpus.appending(path: target.rawValue)
        let files = try FileManager.default.contentsOfDirectory(
            at: folder, includingPropertiesForKeys: nil)
        try #require(!files.isEmpty)
        for file in files {
            let finding = target.finding(in: [UInt8](try Data(contentsOf: file)))
            #expect(finding == nil, "\(file.lastPathComponent)")
        }
    }

    @Test func `every folder of the corpus belongs to a target`() throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: Self.corpus.path)
        #expect(names.filter { FuzzTarget(rawValue: $0) == nil } == [])
    }
}
