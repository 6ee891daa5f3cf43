internal import Syscalls

/// A path to follow, or a glob that stands for many.
struct PathPattern: Hashable {
    /// The absolute path or glob.
    let text: String
    private let components: [String]

    /// A pattern from what the user wrote; relative ones start in the working folder. A path
    /// that exists is one file, whatever characters it holds.
    init(_ written: String) {
        let absolute = written.hasPrefix("/") ? written : Folder.working + "/" + written
        components = absolute.split(separator: "/").map(String.init).filter { $0 != "." }
        text = "/" + components.joined(separator: "/")
    }

    /// True where the path holds `*`, `?` or `[`.
    var isGlob: Bool { components.contains(where: Self.hasWildcard) }

    private static func hasWildcard(_ component: String) -> Bool {
        component.contains { "*?[".contains($0) }
    }

    /// Whether the last name of a path matches the last of the pattern.
    func matchesName(_ path: String) -> Bool {
        components.last.map { Folder.matches(Folder.name(of: path), pattern: $0) } ?? false
    }

    /// What the pattern stands for now.
    struct Expansion {
        /// Paths that match, in order.
        var paths: [String] = []
        /// Folders in which a new name could make another one match.
        var folders: Set<String> = []
    }

    /// Expands the pattern; `names` lists a folder, or gives nil where there is none.
    func expand(_ names: (_ folder: String) -> [String]?) -> Expansion {
        var expansion = Expansion()
        expand("", components[...], &expansion, names)
        expansion.paths.sort()
        return expansion
    }

    private func expand(
        _ prefix: String, _ rest: ArraySlice<String>, _ expansion: inout Expansion,
        _ names: (String) -> [String]?
    ) {
        guard let component = rest.first else { return }
        let isLast = rest.count == 1
        let folder = prefix.isEmpty ? "/" : prefix
        guard Self.hasWildcard(component) else {
            let path = prefix + "/" + component
            if !isLast { return expand(path, rest.dropFirst(), &expansion, names) }
            expansion.folders.insert(folder)
            if names(folder)?.contains(component) == true { expansion.paths.append(path) }
            return
        }
        expansion.folders.insert(folder)
        for name in names(folder) ?? [] where Folder.matches(name, pattern: component) {
            let path = prefix + "/" + name
            if isLast {
                expansion.paths.append(path)
            } else {
                expand(path, rest.dropFirst(), &expansion, names)
            }
        }
    }

    /// The folders and names that decide which file `path` is: its own name in its folder, every
    /// symlink on the way, and where the way ends early, the name that is missing.
    static func decisiveNames(
        of path: String, linkTarget: (String) -> String?, exists: (String) -> Bool
    ) -> [(folder: String, name: String)] {
        var decisive: [(folder: String, name: String)] = []
        var left = path.split(separator: "/").map(String.init)
        var walked = ""
        // The kernel follows 40 symlinks at the most (path_resolution(7)).
        var links = 0
        while !left.isEmpty {
            let name = left.removeFirst()
            let folder = walked.isEmpty ? "/" : walked
            if name == ".." {
                let parent = Folder.parent(of: walked)
                walked = parent == "/" || walked.isEmpty ? "" : parent
                continue
            }
            let next = walked + "/" + name
            if let target = linkTarget(next), links < 40 {
                links += 1
                decisive.append((folder, name))
                if target.hasPrefix("/") { walked = "" }
                left = target.split(separator: "/").map(String.init).filter { $0 != "." } + left
                continue
            }
            if left.isEmpty || !exists(next) {
                decisive.append((folder, name))
                if !exists(next) { break }
            }
            walked = next
        }
        return decisive
    }
}
