/// Who is to be told of which names in which folders.
struct Interests {
    /// One name in one folder.
    struct Name: Hashable {
        let folder: String
        let name: String
    }

    private var tailsByName: [Name: Set<ObjectIdentifier>] = [:]
    private var namesByTail: [ObjectIdentifier: Set<Name>] = [:]
    private var globFolders: [Int: Set<String>] = [:]

    /// The folders that have to be watched.
    var folders: Set<String> {
        globFolders.values.reduce(into: Set(tailsByName.keys.map(\.folder))) { $0.formUnion($1) }
    }

    /// Replaces the names that decide what a tail reads; true where they changed.
    mutating func set(_ names: Set<Name>, for tail: ObjectIdentifier) -> Bool {
        let before = namesByTail[tail] ?? []
        guard names != before else { return false }
        for name in before.subtracting(names) {
            tailsByName[name]?.remove(tail)
            if tailsByName[name]?.isEmpty == true { tailsByName[name] = nil }
        }
        for name in names.subtracting(before) { tailsByName[name, default: []].insert(tail) }
        namesByTail[tail] = names.isEmpty ? nil : names
        return true
    }

    /// Replaces the folders in which a glob may match something new.
    mutating func set(_ folders: Set<String>, forGlob index: Int) {
        globFolders[index] = folders
    }

    /// The tails to be told of a name in a folder.
    func tails(_ folder: String, _ name: String) -> Set<ObjectIdentifier> {
        tailsByName[Name(folder: folder, name: name)] ?? []
    }

    /// The tails to be told of anything about a folder.
    func tails(inFolder folder: String) -> Set<ObjectIdentifier> {
        tailsByName.reduce(into: []) { tails, entry in
            if entry.key.folder == folder { tails.formUnion(entry.value) }
        }
    }

    /// The globs that may match something new in a folder.
    func globs(inFolder folder: String) -> Set<Int> {
        Set(globFolders.filter { $0.value.contains(folder) }.keys)
    }
}
