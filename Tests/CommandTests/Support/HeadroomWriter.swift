import Observers
import TestSupport

/// Writes what a headroom proxy logs, with a clock of its own that only goes forward as lines are
/// written. The same generator gives the same lines.
struct HeadroomWriter {
    private var generator: SeededGenerator
    /// Milliseconds since 1970, in UTC, which is the zone of the lines too.
    private var now: Int64
    private var requests = 0

    init(_ generator: SeededGenerator, startingAt start: Int64 = 1_795_225_026_000) {
        self.generator = generator
        now = start
    }

    /// Lets time go by without a line.
    mutating func pass(milliseconds: Int64) {
        now += milliseconds
    }

    /// Lines as a busy proxy writes them: quick requests, other messages, now and then a stall.
    mutating func traffic(_ lines: Int) -> [String] {
        var written: [String] = []
        while written.count < lines {
            switch Int.random(in: 0..<40, using: &generator) {
            case 0: written += stall(Double.random(in: 600...6_000, using: &generator))
            case 1..<8: written.append(message())
            default: written.append(quick())
            }
        }
        return written
    }

    /// A request that took no time worth mentioning, at least `gap` ms after the line before.
    mutating func quick(gap: Int64 = 5) -> String {
        now += gap + Int64.random(in: 0...400, using: &generator)
        let connect = Double.random(in: 1...900, using: &generator)
        return request(total: Double.random(in: 0.5...60, using: &generator), connect: connect)
    }

    /// The requests that one stall held up. Each line is written when the model has answered, so
    /// they come later than the stall, seconds apart, and not in the order of their ends.
    mutating func stall(_ milliseconds: Double, requests count: Int? = nil) -> [String] {
        let count = count ?? Int.random(in: 1...6, using: &generator)
        let end = now + Int64(milliseconds)
        let answers = (0..<count).map { _ in Int64.random(in: 5...6_000, using: &generator) }
        let lines = answers.sorted().map { answer in
            now = end + answer
            let share = Double.random(in: 0.92...1, using: &generator)
            return request(total: milliseconds * share, connect: Double(answer))
        }
        return lines
    }

    /// A line of a request that finished now.
    mutating func request(total: Double, connect: Double?, queued: Double = 0.5) -> String {
        requests += 1
        let begin = Double(now) - total - (connect ?? 0)
        let serial = String(String(1_000_000 + requests).dropFirst())
        let id = "hr_\(Int64((begin / 1_000).rounded(.down)))_\(serial)"
        let read = total * 0.1
        let compression = max(0, total - queued - read - 0.002)
        let answer = connect.map { "\($0)" } ?? "null"
        return prefix("INFO") + """
            [\(id)] STAGE_TIMINGS {"event": "stage_timings", "path": "anthropic_messages", \
            "request_id": "\(id)", "session_id": "5f103f6c8220406ea382376c89d167bd", \
            "stages": {"pre_upstream_wait": \(queued), "read_request_json": \(read), \
            "deep_copy": 0.002, "compression_first_stage": \(compression), \
            "memory_context": null, "upstream_connect": \(answer), \
            "upstream_first_byte": \(answer), "total_pre_upstream": \(total)}}

            """
    }

    /// A line with the marker whose payload no observer understands.
    mutating func garbled() -> String {
        now += 10
        return prefix("INFO") + "STAGE_TIMINGS path=anthropic_messages stages={'total': 1.0}\n"
    }

    /// A line that tells of something else.
    mutating func message() -> String {
        now += 3
        let texts = [
            "event=upstream_retry attempt=1 reason=\"connection reset\"",
            "Traceback (most recent call last):\r",
            "Pre-upstream queue: 2 of 2 slots in use — waiting\u{2028}",
        ]
        return prefix("WARNING") + (texts.randomElement(using: &generator) ?? "") + "\n"
    }

    private func prefix(_ level: String) -> String {
        let text = Timestamp(nanoseconds: now * 1_000_000).text
        let local = text.dropLast().replacing("T", with: " ").replacing(".", with: ",")
        return "\(local) - headroom.proxy - \(level) - "
    }
}
