internal import Checkpoint

/// A sum of latencies that is the same in whatever order they were added.
///
/// Sums of doubles depend on their order, and episodes must not. This one counts units of
/// 2⁻⁶⁴ ms in an integer, which holds every latency from 0.25 µs on without rounding; only its
/// reading as a double rounds. It saturates at 2⁶⁴ ms, which only a forged line comes near.
struct LatencySum: Equatable, Sendable {
    /// The sum in units of 2⁻⁶⁴ ms, as a checkpoint keeps it.
    private(set) var units: UInt128

    /// Those units as text.
    var unitsText: String {
        var bytes: [UInt8] = []
        bytes.append(decimal: units)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The sum of one latency; what is not positive counts as 0.
    init(_ milliseconds: Double) {
        let scaled = milliseconds * 0x1p64
        units = scaled > 0 ? (scaled < 0x1p128 ? UInt128(scaled) : .max) : 0
    }

    /// A sum from its units.
    init(units: UInt128) {
        self.units = units
    }

    /// Adds another sum.
    mutating func add(_ other: LatencySum) {
        let (sum, overflow) = units.addingReportingOverflow(other.units)
        units = overflow ? .max : sum
    }

    /// The double nearest to the sum.
    var milliseconds: Double { Double(units) * 0x1p-64 }
}
