import TestSupport

@testable import LogTail

/// A random life of a log and of the daemon that follows it, with an oracle that knows what has
/// to come of it.
struct RotationModel {
    /// What may happen to the log.
    enum Mode: CaseIterable {
        /// Renaming and compressing only: every line becomes a row.
        case renaming
        /// The path is a symlink that is switched: every line becomes a row.
        case switching
        /// Renaming, compressing, copying and truncating.
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
    private var random: SeededGenerator
    private let naming: Naming
    private(set) var history: [String] = []
    private(set) var oracle: RotationOracle

    /// The name of the file at the followed path.
    private var live = "app.log"
    private var next = 1
    private var rotations = 0
    private var writer: LogWriter?
    /// The name of the file the writer has open; nil where it has none.
    private var target: String?
    /// The first half of a line that the writer has yet to complete.
    private var partial: (number: Int, rest: String)?
    private var isPathChanged = true

    init(_ mode: Mode, _ random: SeededGenerator, _ watches: WatchTable) {
        self.mode = mode
        self.random = random
        naming = Naming.allCases.randomElement(using: &self.random) ?? .numbered
        engine = Engine(path: folder("app.log"), watches)
        oracle = RotationOracle(engine.recorder)
    }

    /// Lives through some steps and says what is wrong at the end; nil where nothing is.
    mutating func run() throws -> String? {
        if mode == .switching { link() }
        if chance(50) { write() }
        if chance(20) { rotate() }
        try start()
        for _ in 0..<Int.random(in: 5...40, using: &random) {
            try step()
        }
        engine.recorder.isFailing = false
        if partial != nil { write() }
        try finish()
        return oracle.verdict()
    }

    private mutating func finish() throws {
        if !engine.isRunning { try start() }
        if chance(50) {
            end(orderly: false)
            try start()
        }
        for _ in 0..<3 {
            engine.catchUp()
            engine.waitOut()
        }
        engine.stop()
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
        case ..<90: if mode == .copying || mode == .destroying { copyAndTruncate() }
        default: if mode == .destroying { try destroy() }
        }
    }

    private mutating func note(_ text: String) { history.append(text) }

    private mutating func openLive() {
        guard writer == nil || target != live else { return }
        if !folder.exists(live) {
            isPathChanged = true
            oracle.make(live)
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
            finishLine(partial.number, bytes: partial.rest.utf8.count)
            note("complete \(partial.number) in \(target ?? "nowhere")")
            self.partial = nil
            return
        }
        let count = Int.random(in: 1...4, using: &random)
        for _ in 0..<count {
            let noise = chance(30) ? "noise\n" : ""
            let text = NumberedLine.text(next)
            writer.write(noise + text)
            if let target {
                oracle.fill(target, bytes: noise.utf8.count)
                oracle.begin(next, in: target)
            }
            finishLine(next, bytes: text.utf8.count)
            next += 1
        }
        note("write \(next - count)..<\(next) to \(target ?? "nowhere")")
    }

    private mutating func finishLine(_ number: Int, bytes: Int) {
        oracle.complete(number, in: target, bytes: bytes, isLive: target == live)
    }

    private mutating func writePartly() {
        guard partial == nil else { return }
        openLive()
        let text = NumberedLine.text(next)
        let cut = Int.random(in: 1..<text.utf8.count, using: &random)
        writer?.write(String(text.prefix(cut)))
        oracle.begin(next, in: live)
        oracle.fill(live, bytes: cut)
        partial = (next, String(text.dropFirst(cut)))
        note("write half of \(next)")
        next += 1
    }

    // MARK: The daemon

    private mutating func look() {
        guard engine.isRunning else { return }
        if isPathChanged, chance(85) { examine() }
        let budget = chance(30) ? Int.random(in: 1...200, using: &random) : Int.max
        var left = 20
        while engine.read(budget: budget), budget == .max, left > 0 { left -= 1 }
        if chance(70) { engine.commit() }
        note("look, \(budget == .max ? "all" : "some")")
    }

    private mutating func examine() {
        engine.examine()
        oracle.look()
        isPathChanged = false
    }

    private mutating func start() throws {
        engine.recorder.isFailing = false
        try engine.start()
        oracle.start()
        isPathChanged = false
    }

    private mutating func end(orderly: Bool) {
        if orderly { engine.stop() } else { engine.kill() }
        oracle.end()
    }

    private mutating func restart() throws {
        if engine.isRunning {
            end(orderly: !chance(60))
            note("kill")
            if chance(40) { return }
        }
        note("start")
        try start()
    }

    private mutating func waitOut() {
        // Only for so long may a writer go on in a renamed file.
        if target != live, partial == nil { openLive() }
        guard partial == nil, engine.isRunning else { return }
        engine.recorder.isFailing = false
        examine()
        engine.catchUp()
        engine.waitOut()
        note("wait")
    }

    // MARK: Rotation

    private var siblings: [String] {
        oracle.names.filter { $0 != live }.sorted { age($0) > age($1) }
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
        oracle.move(old, to: new)
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
        if mode == .switching { return link() }
        guard folder.exists(live) else { return }
        let name = shift()
        move(live, to: name)
        isPathChanged = true
        note("rotate to \(name)")
        if chance(20) { look() }
        if chance(60), partial == nil { openLive() }
    }

    /// Leads the path to a new file. Nothing tells of a file that it led to while nobody looked
    /// and recorded it, so somebody does.
    private mutating func link() {
        let isLooking = engine.isRunning && !engine.recorder.isFailing
        guard partial == nil, isLooking || rotations == 0 else { return }
        rotations += 1
        live = "part-\(rotations).out"
        folder.put(live, [])
        oracle.make(live)
        folder.link("app.log", to: live)
        note("link to \(live)")
        if engine.isRunning {
            examine()
            engine.commit()
        }
        if chance(60) { openLive() }
    }

    private mutating func compress() {
        guard mode != .switching else { return }
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
        oracle.compress(name)
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
        oracle.copy(live, to: name)
        if chance(20) { look() }
        // What is written now is in the copy no more; only who looks at once has read it.
        if chance(20) {
            if target == live { write() }
            if chance(60) { look() }
        }
        folder.truncate(live, to: 0)
        oracle.cut(live, copy: name)
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

    private mutating func remove(_ name: String) {
        oracle.delete(name)
        if target == name { target = nil }
    }

    private mutating func deleteOldest() {
        guard let oldest = siblings.first else { return }
        folder.delete(oldest)
        remove(oldest)
        note("delete \(oldest)")
    }

    private mutating func deleteLive() {
        guard folder.exists(live) else { return }
        folder.delete(live)
        remove(live)
        isPathChanged = true
        note("delete \(live)")
        if chance(70) { openLive() }
    }

    private mutating func truncate() {
        guard folder.exists(live) else { return }
        folder.truncate(live, to: 0)
        oracle.cut(live)
        note("truncate")
    }

    /// Cuts the live file back to the end of one of its lines. Where it grows past the position
    /// again before anyone looks, nobody can tell; so somebody looks.
    private mutating func cutBack() throws {
        guard folder.exists(live), let kept = oracle.lines(live).randomElement(using: &random),
            let begin = oracle.offset(kept)
        else { return }
        let size = begin + NumberedLine.text(kept).utf8.count
        folder.truncate(live, to: size)
        oracle.cut(live, after: kept, size: size)
        note("cut back to \(size)")
        if !engine.isRunning { try start() }
        engine.recorder.isFailing = false
        examine()
        engine.catchUp()
    }

    private mutating func replace() {
        guard folder.exists(live) else { return }
        let first = next
        folder.put("app.tmp", lines: first..<first + 2)
        remove(live)
        folder.rename("app.tmp", live)
        isPathChanged = true
        oracle.make(live)
        for number in first..<first + 2 {
            oracle.begin(number, in: live)
            oracle.complete(
                number, in: live, bytes: NumberedLine.text(number).utf8.count, isLive: true)
        }
        next += 2
        note("replace")
        if chance(70) { openLive() }
    }
}
