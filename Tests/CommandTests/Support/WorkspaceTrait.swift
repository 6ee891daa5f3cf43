import Foundation
import Synchronization
import Testing

/// Removes the workspaces of each test once it has ended, and keeps those of one that failed.
struct WorkspaceTrait: SuiteTrait, TestTrait, TestScoping {
    var isRecursive: Bool { true }

    func provideScope(
        for test: Test, testCase: Test.Case?,
        performing function: @Sendable () async throws -> Void
    ) async throws {
        let folders = WorkspaceFolders()
        let observer = IssueHandlingTrait.compactMapIssues { issue in
            if issue.isFailure { folders.keep() }
            return issue
        }
        defer { folders.end(test.name) }
        do {
            try await WorkspaceFolders.$current.withValue(folders) {
                try await observer.provideScope(
                    for: test, testCase: testCase, performing: function)
            }
        } catch {
            folders.keep()
            throw error
        }
    }
}

extension Trait where Self == WorkspaceTrait {
    /// Gives tests workspaces that are removed unless the test fails.
    static var workspaces: Self { WorkspaceTrait() }
}

/// The folders that one test works in.
final class WorkspaceFolders: Sendable {
    @TaskLocal static var current: WorkspaceFolders?

    private let state = Mutex((paths: [String](), isKept: false))

    func add(_ path: String) {
        state.withLock { $0.paths.append(path) }
    }

    func keep() {
        state.withLock { $0.isKept = true }
    }

    func end(_ test: String) {
        let (paths, isKept) = state.withLock { $0 }
        for path in paths {
            if isKept {
                print("files of \(test) are kept in \(path)")
            } else {
                try? FileManager.default.removeItem(atPath: path)
            }
        }
    }
}
