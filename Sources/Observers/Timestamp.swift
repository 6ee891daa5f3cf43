/// A point in time as nanoseconds since 1970-01-01T00:00:00Z.
///
/// Integer nanoseconds make gaps and orders of event times exact, which is what keeps episodes
/// the same however a log was read. Arithmetic saturates: a hostile line may name any time, and
/// may cost a wrong observation but never a trap. The range is 1677-09-21 to 2262-04-11.
public struct Timestamp: Hashable, Comparable, Sendable {
    /// Nanoseconds since the epoch, negative before it.
    public var nanoseconds: Int64

    /// A time from nanoseconds since the epoch.
    public init(nanoseconds: Int64) {
        self.nanoseconds = nanoseconds
    }

    /// A time from whole seconds and nanoseconds since the epoch; saturates.
    public init(seconds: Int64, nanoseconds: Int64 = 0) {
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let start = overflow ? (seconds < 0 ? Int64.min : Int64.max) : product
        self.nanoseconds = start.addingSaturating(nanoseconds)
    }

    /// This time moved by `milliseconds` (fractions count, rounded to a nanosecond); saturates.
    public func advanced(byMilliseconds milliseconds: Double) -> Timestamp {
        Timestamp(nanoseconds: nanoseconds.addingSaturating(Int64(saturating: milliseconds * 1e6)))
    }

    /// This time moved by `nanoseconds`; saturates.
    public func advanced(byNanoseconds delta: Int64) -> Timestamp {
        Timestamp(nanoseconds: nanoseconds.addingSaturating(delta))
    }

    /// Nanoseconds from `other` to this time; saturates.
    public func nanoseconds(since other: Timestamp) -> Int64 {
        nanoseconds.subtractingSaturating(other.nanoseconds)
    }

    /// Milliseconds from `other` to this time.
    public func milliseconds(since other: Timestamp) -> Double {
        Double(nanoseconds(since: other)) / 1e6
    }

    /// Whole seconds since the epoch, rounded down.
    public var unixSecond: Int64 { nanoseconds.floorDivided(by: 1_000_000_000) }

    /// Whole minutes since the epoch, rounded down.
    public var unixMinute: Int64 { nanoseconds.floorDivided(by: 60_000_000_000) }

    /// In the order of time.
    public static func < (left: Timestamp, right: Timestamp) -> Bool {
        left.nanoseconds < right.nanoseconds
    }
}

extension Int64 {
    /// The sum, or the nearest bound.
    public func addingSaturating(_ other: Int64) -> Int64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? (other < 0 ? .min : .max) : sum
    }

    /// The difference, or the nearest bound.
    public func subtractingSaturating(_ other: Int64) -> Int64 {
        let (difference, overflow) = subtractingReportingOverflow(other)
        return overflow ? (other < 0 ? .max : .min) : difference
    }

    /// The quotient rounded towards negative infinity, for a positive divisor.
    public func floorDivided(by divisor: Int64) -> Int64 {
        floorDividedWithRemainder(by: divisor).quotient
    }

    /// The quotient rounded towards negative infinity, for a positive divisor, and what remains:
    /// from 0 to below the divisor.
    public func floorDividedWithRemainder(by divisor: Int64) -> (quotient: Int64, remainder: Int) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0
            ? (quotient - 1, Int(remainder + divisor)) : (quotient, Int(remainder))
    }

    /// The nearest integer, or the nearest bound; 0 for NaN.
    public init(saturating value: Double) {
        if value.isNaN {
            self = 0
        } else if value >= 0x1p63 {
            self = .max
        } else if value <= -0x1p63 {
            self = .min
        } else {
            self = Int64(value.rounded())
        }
    }
}
