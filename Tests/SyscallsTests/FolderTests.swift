import Testing

@testable import Syscalls

@Suite struct FolderTests {
    @Test(arguments: [
        ("/var/log/app.log", "/var/log", "app.log"), ("/app.log", "/", "app.log"),
        ("app.log", ".", "app.log"), ("logs/app.log", "logs", "app.log"), ("/logs/", "/logs", ""),
        ("", ".", ""), ("/für alle/b", "/für alle", "b"),
        // A mark that combines with what is before it, were that no slash.
        ("/a/\u{301}b", "/a", "\u{301}b"),
    ])
    func `a path is a folder and a name`(_ path: String, _ folder: String, _ name: String) {
        #expect(Array(Folder.parent(of: path).utf8) == Array(folder.utf8))
        #expect(Array(Folder.name(of: path).utf8) == Array(name.utf8))
    }
}
