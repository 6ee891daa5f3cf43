import Synchronization
import Testing

/// Which tests have failed so far.
final class FailedTests: Sendable {
    static let shared = FailedTests()
    private let ids = Mutex<Set<Test.ID>>([])

    func insert(_ id: Test.ID) {
        ids.withLock { _ = $0.insert(id) }
    }

    func contains(_ id: Test.ID) -> Bool {
        ids.withLock { $0.contains(id) }
    }
}

extension Trait where Self == IssueHandlingTrait {
    /// Keeps the workspaces of tests that fail.
    static var keepsWorkspaces: Self {
        .compactMapIssues { issue in
            if let test = Test.current { FailedTests.shared.insert(test.id) }
            return issue
        }
    }
}
