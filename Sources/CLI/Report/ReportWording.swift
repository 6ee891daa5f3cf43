internal import Foundation
internal import Telemetry

/// Amounts as a report tells them.
extension Wording {
    /// A count with its digits in threes, apart by narrow spaces: `1 234 567`.
    static func grouped(_ count: Int64) -> String {
        var digits = Array(String(count.magnitude))
        var index = digits.count - 3
        while index > 0 {
            digits.insert("\u{202f}", at: index)
            index -= 3
        }
        return (count < 0 ? "−" : "") + String(digits)
    }

    /// A count with what is counted: `1 stall`, `3 stalls`.
    static func count(_ count: Int64, _ noun: String) -> String {
        "\(grouped(count)) \(plural(noun, count))"
    }

    /// A round count at an axis: `500`, `20k`, `1.5M`.
    static func short(_ count: Int64) -> String {
        switch count {
        case ..<10_000: grouped(count)
        case ..<1_000_000: trimmed(Double(count) / 1e3) + "k"
        default: trimmed(Double(count) / 1e6) + "M"
        }
    }

    /// A round latency at an axis: `0.5 ms`, `20 ms`, `2 s`.
    static func tick(_ milliseconds: Double) -> String {
        switch milliseconds {
        case ..<0.001: trimmed(milliseconds * 1e6) + " ns"
        case ..<0.1: trimmed(milliseconds * 1e3) + " µs"
        // A thousand that was reached by multiplying may be a bit less.
        case ..<999: trimmed(milliseconds) + " ms"
        case ..<1e8: trimmed(milliseconds / 1_000) + " s"
        default: String(format: "%.0e s", milliseconds / 1_000)
        }
    }

    /// A latency in a headline, to two digits: `2.1 s`, `41 s`, `350 ms`.
    static func roughLatency(_ milliseconds: Double) -> String {
        switch milliseconds {
        case 0: "0 ms"
        case ..<0.995: String(format: "%.2f ms", milliseconds)
        case ..<9.95: String(format: "%.1f ms", milliseconds)
        case ..<999.5: String(format: "%.0f ms", milliseconds)
        case ..<9_950: String(format: "%.1f s", milliseconds / 1_000)
        case ..<119_500: String(format: "%.0f s", milliseconds / 1_000)
        case ..<7_170_000: String(format: "%.0f min", milliseconds / 60_000)
        case ..<1e11: String(format: "%.1f h", milliseconds / 3_600_000)
        default: String(format: "%.1e h", milliseconds / 3_600_000)
        }
    }

    /// The share that was slow, as a headline has it: `0.9 %`, `12 %`.
    static func roughShare(_ share: Double) -> String {
        switch share * 100 {
        case 0: "0 %"
        case ..<0.01: "less than 0.01 %"
        case ..<0.095: String(format: "%.2f %%", share * 100)
        case ..<9.95: String(format: "%.1f %%", share * 100)
        default: String(format: "%.0f %%", share * 100)
        }
    }

    /// The share of requests that were degraded or stalled; a dash where there are none.
    static func slowShare(_ summary: LatencySummary) -> String {
        guard let degraded = summary.degradedShare, let stalled = summary.stalledShare else {
            return "–"
        }
        return share(degraded + stalled)
    }

    private static func trimmed(_ value: Double) -> String {
        let text = String(format: "%.3f", value)
        let digits = text.reversed().drop { $0 == "0" }.drop { $0 == "." }
        return String(digits.reversed())
    }
}
