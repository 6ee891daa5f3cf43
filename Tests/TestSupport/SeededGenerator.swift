internal import Foundation

/// Random numbers that a failing test can be given again: SplitMix64 (Steele, Lea, Flood 2014).
public struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    /// Takes its seed from `LOGTAIL_SEED`, or makes one up; prints it with what it is for.
    public init(for test: String = #function) {
        let given = ProcessInfo.processInfo.environment["LOGTAIL_SEED"].flatMap { UInt64($0) }
        let seed = given ?? UInt64.random(in: .min ... .max)
        print("\(test): LOGTAIL_SEED=\(seed)")
        state = seed
    }

    /// Always the same numbers, for what only has to look like life or has its seed already.
    public init(fixed seed: UInt64) {
        state = seed
    }

    /// The next 64 random bits.
    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
