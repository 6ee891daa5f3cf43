@testable import LogTail

/// A random life of a log and of the daemon that follows it, with an oracle that knows for each
/// line whether it has to become a row, may be missing, or must not.
struct RotationModel {
    /// What may happen to the log.
    enum Mode: CaseIterable {
        /// Renaming and compressing only: every line becomes a row.
        case renaming
        /// Copying and truncating too.
        case copying
        /// Deleting, cutting back and replacing too.
        case destroying
    }

    /// How rotated files are named.
    private enum Naming: CaseIterable {
        case numbered, numberedStem, dated
    }

    let mode: Mode
    private let folder = LogFolder()
    private let engine: Engine
    private var random: SeededRandom
    private let naming: Naming
    private let live = "app.log"
    private(set) var history: [String] = []

    private var next = 1
    private var rotations = 0
    private var writer: LogWriter?
    /// The name of the file the writer has open; nil where it has none.
    private var target: String?
    /// The first half of a line that the writer has yet to complete.
    private var partial: (number: Int, rest: String)?
    /// The complete lines in each file.
    private var lines: [String: [Int]] = [:]
    private var sizes: [String: Int] = [:]
    private var expected: Set<Int> = []
    private var dispensable: Set<Int> = []
    private var offsets: [Int: Int] = [:]
    private var isPathChanged = true
    private var isOrdered = true

    init(_ mode: Mode, _ random: SeededRandom, _ watches: WatchTable) {
        self.mode = mode
        self.random = random
        naming = Naming.allCases.randomElement(using: &self.random) ?? .numbered
        engine = Engine(path: folder("app.log"), watches)
    }

    /// Lives through some steps and says what is wrong at the end; nil where nothing is.
    mutating func run() throws -> String? {
        if chance(50) { write() }
        if chance(20) { rotate() }
        try engine.start()
        for _ in 0..<Int.random(in: 5...40, using: &random) {
            try step()
        }
        engine.recorder.isFailing = false
        if partial != nil { write() }
        try finish()
        return verdict()
    }

    private mutating func finish() throws {
        if !engine.isRunning { try engine.start() }
        if chance(50) {
            engine.kill()
            try engine.start()
        }
        for _ in 0..<3 {
            engine.catchUp()
            engine.waitOut()
        }
        engine.stop()
    }

    private func verdict() -> String? {
        let rows = engine.recorder.rows
        let numbers = rows.map(\.number)
        let found = Set(numbers)
        var problems: [String] = []
        if found.count != numbers.count {
            let twice = Dictionary(grouping: numbers) { $0 }.filter { $0.value.count > 1 }.keys
            problems.append("twice: \(twice.sorted())")
        }
        let missing = expected.subtracting(found)
        let unexcused = missing.subtracting(dispensable)
        if !unexcused.isEmpty { problems.append("missing: \(unexcused.sorted())") }
        let unknown = found.subtracting(expected)
        if !unknown.isEmpty { problems.append("never written: \(unknown.sorted())") }
        for row in rows where offsets[row.number] != nil && offsets[row.number] != row.offset {
            problems.append("\(row.number) at \(row.offset), not \(offsets[row.number] ?? -1)")
        }
        if isOrdered, numbers != numbers.sorted() { problems.append("order: \(numbers)") }
        if engine.recorder.observations != Int64(numbers.count) {
            problems.append("counted \(engine.recorder.observations) of \(numbers.count)")
        }
        if !engine.recorder.notices(.readFailed).isEmpty {
            problems.append("\(engine.recorder.notices(.readFailed))")
        }
        return problems.isEmpty ? nil : problems.joined(separator: "; ")
    }

    // MARK: Steps

    private mutating func chance(_ percent: Int) -> Bool {
        Int.random(in: 0..<100, using: &random) < percent
    }

    private mutating func step() throws {
        switch Int.random(in: 0..<100, using: &random) {
        case ..<28: write()
        case ..<33: writePartly()
        case ..<48: look()
        case ..<60: rotate()
        case ..<68: compress()
        case ..<74: try restart()
        case ..<76: engine.recorder.isFailing.toggle()
        case ..<78: waitOut()
        case ..<90: if mode != .renaming { copyAndTruncate() }
        default: if mode == .destroying { try destroy() }
        }
    }

    private mutating func note(_ text: String) { history.append(text) }

    private mutating func openLive() {
        guard writer == nil || target != live else { return }
        if !folder.exists(live) {
            isPathChanged = true
            lines[live] = []
            sizes[live] = 0
        }
        writer = LogWriter(folder(live))
        target = live
    }

    private mutating func write() {
        // A writer may go on in a renamed file for a while.
        if writer == nil || target != live, partial == nil, chance(60) { openLive() }
        if writer == nil { openLive() }
        guard let writer else { return }
        if let partial {
            writer.write(partial.rest)
            take(partial.number, bytes: partial.rest.utf8.count)
            note("complete \(partial.number) in \(target ?? "nowhere")")
            self.partial = nil
            return
        }
        let count = Int.random(in: 1...4, using: &random)
        for _ in 0..<count {
            let noise = chance(30) ? "noise\n" : ""
            let text = noise + NumberedLine.text(next)
            writer.write(text)
            if let target { sizes[target, default: 0] += noise.utf8.count }
            if let target { offsets[next] = sizes[target, default: 0] }
            take(next, bytes: text.utf8.count - noise.utf8.count)
            next += 1
        }
        note("write \(next - count)..<\(next) to \(target ?? "nowhere")")
    }

    private mutating func take(_ number: Int, bytes: Int) {
        expected.insert(number)
        guard let target else {
            dispensable.insert(number)
            return
        }
        if target != live { isOrdered = false }
        lines[target, default: []].append(number)
        sizes[target, default: 0] += bytes
    }

    private mutating func writePartly() {
        guard partial == nil else { return }
        if writer == nil || target != live { openLive() }
        let text = NumberedLine.text(next)
        let cut = Int.random(in: 1..<text.utf8.count, using: &random)
        writer?.write(String(text.prefix(cut)))
        offsets[next] = sizes[live] ?? 0
        sizes[live, default: 0] += cut
        partial = (next, String(text.dropFirst(cut)))
        note("write half of \(next)")
        next += 1
    }

    private mutating func look() {
        guard engine.isRunning else { return }
        if isPathChanged, chance(85) {
            engine.examine()
            isPathChanged = false
        }
        let budget = chance(30) ? Int.random(in: 1...200, using: &random) : Int.max
        var left = 20
        while engine.read(budget: budget), budget == .max, left > 0 { left -= 1 }
        if chance(70) { engine.commit() }
        note("look, \(budget == .max ? "all" : "some")")
    }

    private mutating func restart() throws {
        if engine.isRunning {
            if chance(60) { engine.kill() } else { engine.stop() }
            note("kill")
            if chance(40) { return }
        }
        note("start")
        engine.recorder.isFailing = false
        try engine.start()
        isPathChanged = false
    }

    private mutating func waitOut() {
        // Only for so long may a writer go on in a renamed file.
        if target != live, partial == nil { openLive() }
        guard partial == nil, engine.isRunning else { return }
        isPathChanged = false
        engine.recorder.isFailing = false
        engine.catchUp()
        engine.waitOut()
        note("wait")
    }

    // MARK: Rotation

    private var siblings: [String] {
        lines.keys.filter { $0 != live }.sorted { age($0) > age($1) }
    }

    private func age(_ name: String) -> Int {
        let digits = name.filter(\.isNumber)
        let number = Int(digits) ?? 0
        return naming == .dated ? -number : number
    }

    private func sibling(_ number: Int) -> String {
        switch naming {
        case .numbered: "app.log.\(number)"
        case .numberedStem: "app.\(number).log"
        case .dated: "app.log-\(20_260_101_000_000 + number)"
        }
    }

    private mutating func move(_ old: String, to new: String) {
        folder.rename(old, new)
        lines[new] = lines.removeValue(forKey: old)
        sizes[new] = sizes.removeValue(forKey: old)
        if target == old { target = new }
    }

    /// Makes room for the next rotated file and gives its name.
    private mutating func shift() -> String {
        rotations += 1
        guard naming != .dated else { return sibling(rotations) }
        for name in siblings {
            let suffix = name.hasSuffix(".gz") ? ".gz" : ""
            move(name, to: sibling(age(name) + 1) + suffix)
            if chance(3) { look() }
        }
        return sibling(1)
    }

    private mutating func rotate() {
        guard folder.exists(live) else { return }
        let name = shift()
        move(live, to: name)
        isPathChanged = true
        note("rotate to \(name)")
        if chance(20) { look() }
        if chance(60), partial == nil { openLive() }
    }

    private mutating func compress() {
        let plain = siblings.filter { !$0.hasSuffix(".gz") && $0 != target }
        guard let name = plain.randomElement(using: &random) else { return }
        folder.compress(name, keepingTimes: chance(70))
        if chance(20) {
            let whole = folder.contents(name + ".gz")
            folder.put(name + ".gz", Array(whole.prefix(whole.count / 2)))
            look()
            folder.compress(name)
        }
        if chance(20) { look() }
        folder.delete(name)
        lines[name + ".gz"] = lines.removeValue(forKey: name)
        sizes[name + ".gz"] = sizes.removeValue(forKey: name)
        note("gzip \(name)")
    }

    private mutating func copyAndTruncate() {
        guard folder.exists(live), partial == nil else { return }
        let name = shift()
        let bytes = folder.contents(live)
        if chance(20), bytes.count > 1 {
            folder.put(name, Array(bytes.prefix(bytes.count / 2)))
            look()
        }
        folder.put(name, bytes)
        let copied = lines[live] ?? []
        if chance(20) { look() }
        if chance(20) {
            let first = next
            if target == live { write() }
            // Only where they were read at once.
            dispensable.formUnion(first..<next)
            if chance(60) { look() }
        }
        folder.truncate(live, to: 0)
        lines[name] = copied
        sizes[name] = bytes.count
        lines[live] = []
        sizes[live] = 0
        note("copy to \(name) and truncate")
    }

    // MARK: Destruction

    private mutating func destroy() throws {
        guard partial == nil else { return }
        switch Int.random(in: 0..<5, using: &random) {
        case 0: deleteOldest()
        case 1: deleteLive()
        case 2: truncate()
        case 3: try cutBack()
        default: replace()
        }
    }

    private mutating func lose(_ name: String) {
        dispensable.formUnion(lines[name] ?? [])
        if name == live {
            // Where a file without a name belongs among copies of it, nothing tells; so what was
            // not read by then may be passed over after a crash.
            isOrdered = false
            dispensable.formUnion(expected)
        }
        lines[name] = nil
        sizes[name] = nil
        if target == name { target = nil }
    }

    private mutating func deleteOldest() {
        guard let oldest = siblings.first else { return }
        folder.delete(oldest)
        lose(oldest)
        note("delete \(oldest)")
    }

    private mutating func deleteLive() {
        guard folder.exists(live) else { return }
        folder.delete(live)
        lose(live)
        isPathChanged = true
        note("delete \(live)")
        if chance(70) { openLive() }
    }

    private mutating func truncate() {
        guard folder.exists(live) else { return }
        dispensable.formUnion(lines[live] ?? [])
        folder.truncate(live, to: 0)
        lines[live] = []
        sizes[live] = 0
        note("truncate")
    }

    /// Cuts the live file back to the end of one of its lines. Where it grows past the position
    /// again before anyone looks, nobody can tell; so somebody looks.
    private mutating func cutBack() throws {
        guard folder.exists(live), let kept = lines[live]?.randomElement(using: &random),
            let start = offsets[kept]
        else { return }
        let size = start + NumberedLine.text(kept).utf8.count
        dispensable.formUnion(lines[live] ?? [])
        folder.truncate(live, to: size)
        lines[live] = (lines[live] ?? []).filter { (offsets[$0] ?? 0) <= start }
        sizes[live] = size
        note("cut back to \(size)")
        engine.recorder.isFailing = false
        isPathChanged = false
        if !engine.isRunning { try engine.start() }
        engine.catchUp()
    }

    private mutating func replace() {
        guard folder.exists(live) else { return }
        let first = next
        folder.put("app.tmp", lines: first..<first + 2)
        lose(live)
        folder.rename("app.tmp", live)
        isPathChanged = true
        next += 2
        let length = NumberedLine.text(first).utf8.count
        lines[live] = [first, first + 1]
        sizes[live] = 2 * length
        offsets[first] = 0
        offsets[first + 1] = length
        expected.formUnion([first, first + 1])
        note("replace")
        if chance(70) { openLive() }
    }
}
