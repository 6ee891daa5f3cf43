internal import Foundation
internal import Observers

/// Times and amounts as a person reads them.
enum Wording {
    /// Local time with its zone: `2026-06-13 10:55:01.123 +02:00`; the text itself where it is
    /// no time.
    static func localTime(_ text: String, _ zone: Zone = .system) -> String {
        guard let timestamp = Timestamp(text: text) else { return text }
        return local(timestamp, zone).text.dropLast().replacing("T", with: " ") + " "
            + offset(zone.offset(timestamp.unixSecond))
    }

    /// The time whose text in UTC is that of `timestamp` in a zone.
    static func local(_ timestamp: Timestamp, _ zone: Zone) -> Timestamp {
        timestamp.advanced(
            byNanoseconds: Int64(zone.offset(timestamp.unixSecond)) * 1_000_000_000)
    }

    /// Seconds east of UTC: `+02:00`.
    static func offset(_ seconds: Int, minus: String = "-") -> String {
        let (hours, minutes) = abs(seconds / 60).quotientAndRemainder(dividingBy: 60)
        return String(format: "%@%02d:%02d", seconds < 0 ? minus : "+", hours, minutes)
    }

    /// A number as it would be typed: `50`, `0.5`.
    static func number(_ value: Double) -> String {
        Int64(exactly: value).map(String.init) ?? value.description
    }

    /// A latency: `612.5 ms`, `2.31 s`, `75.0 s`.
    static func latency(_ milliseconds: Double) -> String {
        switch abs(milliseconds) {
        case ..<1_000: String(format: "%.1f ms", milliseconds)
        case ..<10_000: String(format: "%.2f s", milliseconds / 1_000)
        // Beyond ten days only a forged line tells one.
        case ..<1e9: String(format: "%.1f s", milliseconds / 1_000)
        default: String(format: "%.1e s", milliseconds / 1_000)
        }
    }

    /// A latency to three digits, as far as that makes sense: `0.024 ms`, `6.13 ms`, `612.5 ms`,
    /// `2.31 s`; most stages take less than a millisecond.
    static func fineLatency(_ milliseconds: Double) -> String {
        switch milliseconds {
        case 0: "0 ms"
        case ..<1: String(format: "%.3f ms", milliseconds)
        case ..<10: String(format: "%.2f ms", milliseconds)
        default: latency(milliseconds)
        }
    }

    /// A share from 0 to 1: `0 %`, `0.04 %`, `12.5 %`; `< 0.01 %` for what would look like none.
    static func share(_ share: Double) -> String {
        switch share * 100 {
        case 0: "0 %"
        case ..<0.01: "< 0.01 %"
        case ..<1: String(format: "%.2f %%", share * 100)
        default: String(format: "%.1f %%", share * 100)
        }
    }

    /// A number of bytes: `812 B`, `4.5 KiB`, `1.2 GiB`.
    static func bytes(_ count: Int64) -> String {
        let units = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]
        guard count >= 1_024 else { return "\(count) B" }
        var value = Double(count)
        var unit = -1
        while value >= 1_024, unit < units.count - 1 {
            value /= 1_024
            unit += 1
        }
        return String(format: "%.1f %@", value, units[unit])
    }

    /// What is counted: `stall` for one, `stalls` for any other count.
    static func plural(_ noun: String, _ count: Int64) -> String {
        count == 1 ? noun : noun + "s"
    }

    /// How long ago: `3 s ago`, `5 min ago`, `2 h ago`, `4 d ago`.
    static func age(of text: String, now: Timestamp) -> String {
        guard let timestamp = Timestamp(text: text) else { return text }
        let seconds = max(0, now.nanoseconds(since: timestamp) / 1_000_000_000)
        switch seconds {
        case ..<120: return "\(seconds) s ago"
        case ..<7_200: return "\(seconds / 60) min ago"
        case ..<172_800: return "\(seconds / 3_600) h ago"
        default: return "\(seconds / 86_400) d ago"
        }
    }
}
