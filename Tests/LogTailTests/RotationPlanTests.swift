import Syscalls
import Testing

@testable import LogTail

/// The rules of rotation, without files: which file is which generation, and what is read when.
@Suite struct RotationPlanTests {
    /// Generations and files by letters: a file holds the generation of its letter; one with a
    /// small letter was copied or compressed, so that only its bytes tell; of a `?` not even those.
    private struct Letters: RotationEvidence {
        let letters: [Character]
        let places: [Character]
        let generations: [RotationPlan.Known]
        let files: [RotationPlan.File]

        /// `known` lists generations, `*` before one that is open, `-` before one without a line,
        /// `.` before one that is done with; `chain` lists files, the live one last.
        init(_ known: String, _ chain: String) {
            var letters: [Character] = []
            var generations: [RotationPlan.Known] = []
            for word in known.split(separator: " ") {
                letters += word.suffix(1)
                let isOpen = word.contains("*")
                generations.append(
                    RotationPlan.Known(
                        isBegun: !word.contains("-"), isOpen: isOpen,
                        isMissing: !isOpen && !word.contains(".")))
            }
            self.letters = letters
            self.generations = generations
            places = Array(chain.filter { $0 != " " })
            files = places.indices.map { [places] index in
                RotationPlan.File(
                    isLive: index == places.count - 1, isUnreadable: places[index] == "?")
            }
        }

        func isSameFile(_ generation: Int, _ file: Int) -> Bool {
            letters[generation] == places[file]
        }

        func likeness(
            _ generation: Int, _ file: Int
        ) throws(SystemCallError) -> RotationPlan.Likeness {
            places[file].uppercased() == String(letters[generation]) ? .whole : .none
        }

        func isCopy(_ file: Int, of generation: Int) throws(SystemCallError) -> Bool {
            places[file].uppercased() == String(letters[generation])
        }

        func isCopy(openAs copy: Int, of generation: Int) throws(SystemCallError) -> Bool {
            false
        }
    }

    /// `=A` keeps a generation, `>A2` reads on in file 2, `+2` begins file 2, `!2` tells that file 2
    /// cannot be read.
    private func plan(_ known: String, _ chain: String) throws -> String {
        let evidence = Letters(known, chain)
        let plan = try RotationPlan(evidence)
        let steps = plan.steps.map { step in
            switch step {
            case .keep(let index): "=\(evidence.letters[index])"
            case .resume(let index, let file, _): ">\(evidence.letters[index])\(file)"
            case .begin(let file): "+\(file)"
            }
        }
        return (steps + plan.unreadable.map { "!\($0)" }).joined(separator: " ")
    }

    @Test(arguments: [
        // What is known, the chain from the oldest to the live file, what to do.
        ("*A", "A", "=A"),
        // Renamed, once and three times, while open and while nobody looked.
        ("*A", "AB", "=A +1"),
        ("*A", "ABCD", "=A +1 +2 +3"),
        ("A", "ABCD", ">A0 +1 +2 +3"),
        // What is older than the generation that is found is done with.
        ("B", "ABC", ">B1 +2"),
        // What was done with is at the path again, while what came after it is open or gone.
        (".A", "A", ">A0"),
        (".A *B", "BA", "=B >A1"),
        (".A *B", "A", "=B >A0"),
        (".A .B", "BA", "=B >A1"),
        (".A B", "BA", ">B0 >A1"),
        // Compressed: only the bytes tell.
        ("A", "aBC", ">A0 +1 +2"),
        ("B", "AbC", ">B1 +2"),
        // Nothing of what is known is there any more.
        ("A", "BC", "=A +0 +1"),
        // A generation that may still grow comes before the one that is read.
        ("A B", "ABC", ">A0 >B1 +2"),
        // Open without a line: what is in front of it was copied from it.
        ("*-A", "BA", "+0 =A"),
        // What cannot be read is told where it comes after the generation that is found.
        ("A", "A?B", ">A0 +2 !1"),
        ("A", "??aB", ">A2 +3"),
        // It is what was read last, where that is not found; so are open ones, once each.
        ("A", "?B", "=A +1"),
        ("A", "??B", "=A +2 !1"),
        ("*A *-B", "?B", "=A =B"),
        ("*A *-B *-C", "??C", "=A =B =C"),
        ("*A *-B *-C", "A??C", "=A =B =C !2"),
        // Nothing was read yet.
        ("", "?A", "+1 !0"),
    ])
    func `a chain tells what is read, and when`(
        _ known: String, _ chain: String, _ expected: String
    ) throws {
        #expect(try plan(known, chain) == expected)
    }
}
