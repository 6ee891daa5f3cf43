import Foundation

/// A random source that a test can repeat: it prints its seed and takes it back from
/// `LOGTAIL_SEED`. The generator is SplitMix64.
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    /// A source for the test of that name.
    init(_ test: String = #function) {
        let given = ProcessInfo.processInfo.environment["LOGTAIL_SEED"].flatMap { UInt64($0) }
        let seed = given ?? UInt64.random(in: 0 ..< .max)
        print("\(test): LOGTAIL_SEED=\(seed)")
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
