import Foundation

/// Random numbers that a failing test can be given again: splitmix64 (S. Vigna).
struct SeededGenerator: RandomNumberGenerator {
    let seed: UInt64
    private var state: UInt64

    /// Takes its seed from `LOGTAIL_SEED`, or makes one up and prints it.
    init(for test: String) {
        let given = ProcessInfo.processInfo.environment["LOGTAIL_SEED"].flatMap { UInt64($0) }
        seed = given ?? UInt64.random(in: 0...UInt64.max)
        state = seed
        print("\(test): LOGTAIL_SEED=\(seed)")
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ word >> 30) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ word >> 27) &* 0x94D0_49BB_1331_11EB
        return word ^ word >> 31
    }
}
