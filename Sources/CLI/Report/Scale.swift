internal import Foundation

/// Where values lie between the ends of an axis, from 0 to 1, and which of them get a tick.
protocol Scale {
    /// Where a value lies; what is beyond an end lies on it.
    func fraction(of value: Double) -> Double
    /// The values that are named at the axis, smallest first.
    var ticks: [Double] { get }
}

/// Latencies from fractions of a millisecond to minutes: equal factors are equal lengths. Zero
/// lies at the lower end.
struct LogScale: Scale {
    let lower: Double
    let upper: Double

    private static let most = 7

    /// A scale that holds all `values` between two round numbers.
    init(covering values: some Sequence<Double>) {
        let positive = values.filter { $0 > 0 && $0.isFinite }
        let smallest = positive.min() ?? 1
        let lower = Self.round(smallest, .down)
        // Two values that are near each other need not fill the whole height.
        upper = max(Self.round(positive.max() ?? smallest, .up), lower * 10)
        self.lower = lower
    }

    func fraction(of value: Double) -> Double {
        guard value > lower else { return 0 }
        return min(log(value / lower) / log(upper / lower), 1)
    }

    var ticks: [Double] {
        let first = Int(log10(lower).rounded(.down))
        let last = Int(log10(upper).rounded(.up))
        func values(_ mantissas: [Double], every step: Int = 1) -> [Double] {
            stride(from: first, through: last, by: step)
                .flatMap { exponent in mantissas.map { $0 * pow(10, Double(exponent)) } }
                // The last bit of a power may be off.
                .filter { $0 >= lower * 0.999 && $0 <= upper * 1.001 }
        }
        let choices = [values([1, 2, 5]), values([1, 3]), values([1])]
        return choices.first { $0.count <= Self.most }
            ?? values([1], every: (last - first) / Self.most + 1)
    }

    private static func round(_ value: Double, _ rule: FloatingPointRoundingRule) -> Double {
        let unit = pow(10, log10(value).rounded(.down))
        let mantissas: [Double] = [1, 2, 5, 10]
        let mantissa = value / unit
        return rule == .down
            ? unit * (mantissas.last { $0 <= mantissa * 1.000_001 } ?? 1)
            : unit * (mantissas.first { $0 >= mantissa * 0.999_999 } ?? 10)
    }
}

/// Counts from nothing on: equal differences are equal lengths.
struct CountScale: Scale {
    let upper: Double
    let ticks: [Double]

    /// A scale from 0 to a round number that is not below `maximum`, in at most `count` steps.
    init(to maximum: Int64, steps count: Int = 4) {
        let maximum = Double(max(maximum, 1))
        let least = maximum / Double(count)
        let unit = pow(10, log10(least).rounded(.down))
        let step = max([1, 2, 5, 10].map { $0 * unit }.first { $0 >= least * 0.999_999 } ?? 1, 1)
        let steps = (maximum / step).rounded(.up)
        upper = steps * step
        ticks = (0...Int(steps)).map { Double($0) * step }
    }

    func fraction(of value: Double) -> Double { min(max(value / upper, 0), 1) }
}

/// Minutes since the epoch along a window.
struct TimeScale {
    let window: Range<Int64>

    /// Where a time lies, in seconds since the epoch.
    func fraction(ofSecond second: Double) -> Double {
        let start = Double(window.lowerBound) * 60
        return min(max((second - start) / (Double(window.count) * 60), 0), 1)
    }

    func fraction(ofMinute minute: Int64) -> Double { fraction(ofSecond: Double(minute) * 60) }
}
