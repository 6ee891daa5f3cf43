internal import Telemetry

/// What a report comes to, in one sentence and a few numbers.
struct ReportHeadline {
    private let contents: ReportContents

    init(_ contents: ReportContents) {
        self.contents = contents
    }

    /// `3 stalls yesterday, 41 s in total, p99 2.1 s, 0.9 % of requests slow`
    var sentence: String { parts.joined(separator: ", ") }

    /// The sentence between its commas.
    var parts: [String] {
        let total = contents.total
        let episodes = contents.episodes
        guard total.count > 0 || episodes.count > 0 else {
            return ["Nothing was recorded\(contents.window.phrase)"]
        }
        var parts = [
            (episodes.stalls == 0 ? "No stalls" : Wording.count(Int64(episodes.stalls), "stall"))
                + contents.window.phrase
        ]
        if episodes.stalls > 0 {
            parts.append("\(Wording.roughLatency(episodes.stallMilliseconds)) in total")
        }
        if let p99 = total.p99 { parts.append("p99 \(Wording.roughLatency(p99))") }
        if let degraded = total.degradedShare, let stalled = total.stalledShare {
            parts.append("\(Wording.roughShare(degraded + stalled)) of requests slow")
        }
        return parts
    }

    /// The numbers below the sentence.
    var figures: [(name: String, value: String)] {
        let total = contents.total
        guard total.count > 0 else { return [] }
        func latency(_ value: Double?) -> String { value.map(Wording.fineLatency) ?? "–" }
        return [
            ("Requests", Wording.grouped(total.count)), ("Median", latency(total.p50)),
            ("p90", latency(total.p90)), ("p99", latency(total.p99)),
            ("Longest", latency(total.maximum)), ("Slow", Wording.slowShare(total)),
        ]
    }
}
