import LogTail

/// Knows of every line in which file it lies, whether it has to become a row, and where it does
/// not, whether something has to say that it is missing.
struct RotationOracle {
    /// A file of the chain: its complete lines, its size, and which file it is whatever its name.
    private struct File {
        var lines: [Int] = []
        var size = 0
        let serial: Int
    }

    /// Lines that were taken from the disk when they may not have been read.
    private struct Loss {
        /// How it can be known that something is gone.
        enum Sign {
            /// The recorded position lies in what is gone, so that any daemon sees it.
            case position
            /// The running daemon had seen the lines.
            case sight
            /// Nothing does: nobody ever knew of the lines.
            case none
        }

        let lines: Set<Int>
        var sign: Sign
        /// The file that was cut, and the copy that was made of it before.
        let file: Int
        let copy: Int?
        /// How many events were recorded before.
        let eventsBefore: Int
    }

    /// What there has to be a notice of.
    private static let lossKinds: Set<EventKind> = [.truncated, .missedRotation]

    private let recorder: MemoryRecorder
    private var files: [String: File] = [:]
    private var fileCount = 0
    private var offsets: [Int: Int] = [:]
    private var written: Set<Int> = []
    /// Lines that were written to a file without a name.
    private var nameless: Set<Int> = []
    /// Lines that were written to a file after it was renamed.
    private var late: Set<Int> = []
    /// Lines that were there when the running daemon last looked.
    private var seen: Set<Int> = []
    private var losses: [Loss] = []
    /// False once lines were written that may be read later than those that came after them.
    var isOrdered = true

    init(_ recorder: MemoryRecorder) {
        self.recorder = recorder
    }

    // MARK: What happens to the log

    var names: [String] { Array(files.keys) }

    func size(_ name: String) -> Int { files[name]?.size ?? 0 }

    func lines(_ name: String) -> [Int] { files[name]?.lines ?? [] }

    func offset(_ number: Int) -> Int? { offsets[number] }

    /// A file is made, or made empty.
    mutating func make(_ name: String) { files[name] = File(serial: newSerial()) }

    private mutating func newSerial() -> Int {
        fileCount += 1
        return fileCount
    }

    /// Bytes are written that are no whole numbered line.
    mutating func fill(_ name: String, bytes: Int) { files[name]?.size += bytes }

    /// A line begins at the end of what there is.
    mutating func begin(_ number: Int, in name: String) { offsets[number] = size(name) }

    /// A line is complete; `name` is nil where its file has none.
    mutating func complete(_ number: Int, in name: String?, bytes: Int, isLive: Bool) {
        written.insert(number)
        if !isLive { isOrdered = false }
        guard let name else {
            nameless.insert(number)
            return
        }
        if !isLive { late.insert(number) }
        files[name]?.lines.append(number)
        files[name]?.size += bytes
    }

    mutating func move(_ old: String, to new: String) {
        files[new] = files.removeValue(forKey: old)
    }

    /// A file is copied as far as it goes.
    mutating func copy(_ old: String, to new: String) {
        files[new] = File(lines: lines(old), size: size(old), serial: newSerial())
    }

    /// A file is compressed.
    mutating func compress(_ name: String) {
        copy(name, to: name + ".gz")
        files[name] = nil
    }

    mutating func delete(_ name: String) {
        guard let file = files.removeValue(forKey: name) else { return }
        // One that is still open is read, but has no place among the others any more.
        if !Set(file.lines).isSubset(of: recorder.numbers) { isOrdered = false }
        lose(file.lines, of: file)
    }

    /// A file is cut back to the end of its line `last`, or to nothing after a copy was made.
    mutating func cut(_ name: String, after last: Int? = nil, size: Int = 0, copy: String? = nil) {
        guard let file = files[name] else { return }
        let kept = last.map { file.lines.prefix(through: $0) } ?? []
        files[name] = File(lines: Array(kept), size: size, serial: file.serial)
        lose(Array(file.lines.dropFirst(kept.count)), of: file, copy: copy)
    }

    private mutating func lose(_ lines: [Int], of file: File, copy: String? = nil) {
        let recorded = Set(recorder.numbers)
        let gone = Set(lines).subtracting(files.values.flatMap(\.lines))
        // What was written late to a file that had been read to its end is told by nothing.
        let isBegun =
            !recorded.isDisjoint(with: lines)
            && !gone.subtracting(recorded).isSubset(of: late)
        losses.append(
            Loss(
                lines: gone,
                sign: isBegun ? .position : seen.isDisjoint(with: gone) ? .none : .sight,
                file: file.serial, copy: copy.flatMap { files[$0]?.serial },
                eventsBefore: recorder.events.count))
    }

    // MARK: What the daemon does

    /// The running daemon looks at the chain.
    mutating func look() { seen = written }

    /// A daemon starts. Where it finds only a compressed copy, it cannot know that the file was
    /// not renamed and compressed.
    mutating func start() {
        let serials = Set(files.values.map(\.serial))
        for index in losses.indices where losses[index].copy != nil {
            let loss = losses[index]
            let isTold = [loss.file, loss.copy ?? 0].contains(where: serials.contains)
            if !isTold, !isNoticed(loss) { losses[index].sign = .none }
        }
        look()
    }

    /// The daemon ends: what it had seen but not recorded is forgotten.
    mutating func end() {
        seen = []
        for index in losses.indices where losses[index].sign == .sight && !isNoticed(losses[index])
        {
            losses[index].sign = .none
        }
    }

    private func isNoticed(_ loss: Loss) -> Bool {
        recorder.events.dropFirst(loss.eventsBefore).contains { Self.lossKinds.contains($0.kind) }
    }

    // MARK: The verdict

    /// What is wrong with what was recorded; nil where nothing is.
    func verdict() -> String? {
        let rows = recorder.rows
        let numbers = rows.map(\.number)
        let found = Set(numbers)
        var problems: [String] = []
        let twice = Dictionary(grouping: numbers) { $0 }.filter { $0.value.count > 1 }.keys
        if !twice.isEmpty { problems.append("twice: \(twice.sorted())") }
        let unknown = found.subtracting(written)
        if !unknown.isEmpty { problems.append("never written: \(unknown.sorted())") }
        let missing = written.subtracting(found)
        let lost = losses.reduce(into: nameless) { $0.formUnion($1.lines) }
        let unexcused = missing.subtracting(lost).sorted()
        if !unexcused.isEmpty { problems.append("missing: \(unexcused)") }
        for loss in losses where loss.sign != .none && !isNoticed(loss) {
            let unnoticed = loss.lines.intersection(missing).sorted()
            if !unnoticed.isEmpty {
                problems.append("missing without a notice (\(loss.sign)): \(unnoticed)")
            }
        }
        for row in rows where offsets[row.number, default: row.offset] != row.offset {
            problems.append("\(row.number) at \(row.offset), not \(offsets[row.number] ?? -1)")
        }
        if isOrdered, numbers != numbers.sorted() { problems.append("order: \(numbers)") }
        if recorder.observations != Int64(numbers.count) {
            problems.append("counted \(recorder.observations) of \(numbers.count)")
        }
        let failures = recorder.notices(.readFailed)
        if !failures.isEmpty { problems.append("\(failures)") }
        return problems.isEmpty ? nil : problems.joined(separator: "; ")
    }
}

extension [Int] {
    fileprivate func prefix(through last: Int) -> ArraySlice<Int> {
        firstIndex(of: last).map { self[...$0] } ?? []
    }
}
