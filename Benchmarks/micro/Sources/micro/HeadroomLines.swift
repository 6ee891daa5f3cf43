/// A thousand lines as headroom writes them, no two alike: the same line over and over teaches the
/// processor every branch, which no log does.
struct HeadroomLines {
    private(set) var lines: [[UInt8]] = []
    /// An LCG (D. E. Knuth, MMIX): the same lines each time.
    private var state: UInt64 = 1

    init() {
        for number in 0..<1_000 { lines.append(line(number)) }
    }

    private mutating func line(_ number: Int) -> [UInt8] {
        let (second, milliseconds) = (number / 25, 100 + number % 25 * 40)
        let id = "hr_\(1_795_225_020 + second)_\(1_000_000 + number)"
        let stages = [
            ("pre_upstream_wait", 4.0), ("read_request_json", 2), ("deep_copy", 0.01),
            ("compression_first_stage", 20), ("memory_context", nil), ("upstream_connect", 60),
            ("upstream_first_byte", 60), ("total_pre_upstream", 40),
        ].map { name, most in "\"\(name)\": \(most.map { "\($0 * random())" } ?? "null")" }
        return Array(
            ("2026-11-21 01:37:\(second < 10 ? "0" : "")\(second),\(milliseconds)"
                + " - headroom.proxy - INFO - [\(id)] STAGE_TIMINGS {\"event\": \"stage_timings\", "
                + "\"path\": \"anthropic_messages\", \"request_id\": \"\(id)\", "
                + "\"session_id\": \"f81802bacaf74eeea470bc750fd0b95b\", "
                + "\"stages\": {\(stages.joined(separator: ", "))}}").utf8)
    }

    /// From 0.01 to 1.
    private mutating func random() -> Double {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return 0.01 + 0.99 * Double(state >> 11) * 0x1p-53
    }
}
