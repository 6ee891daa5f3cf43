import Checkpoint
import Foundation
import Observers

@testable import LogTail

/// What a database holds in a form of logtail's own: what can be read is written the same again.
enum StoredForms {
    /// The fingerprint of a checkpoint.
    static func position(_ input: [UInt8]) -> String? {
        guard let position = position(text: String(decoding: input, as: UTF8.self)) else {
            return nil
        }
        let again = Self.position(text: position.fingerprintText)
        return again == position ? nil : "read again as \(String(describing: again))"
    }

    private static func position(text: String) -> Position? {
        Position(device: 1, inode: 2, offset: 3, fingerprintText: text)
    }

    /// The open episodes of a checkpoint, and what becomes of them when lines come.
    static func episodes(_ input: [UInt8]) -> String? {
        let rules = EpisodeRules(
            quietMilliseconds: 500, latenessMilliseconds: 15_000, maximumSpanMilliseconds: 300_000)
        guard let stored = coalescer(Data(input), rules) else { return nil }
        let text = text(of: stored)
        guard let again = coalescer(Data(text.utf8), rules), self.text(of: again) == text else {
            return "not written the same again: \(text)"
        }
        var live = stored
        for nanoseconds in [Int64.min, 0, Int64(input.count), .max] {
            let time = Timestamp(nanoseconds: nanoseconds)
            _ = live.advance(to: time)
            _ = live.add(
                Breach(
                    eventTime: time, latencyMilliseconds: 600, queuedMilliseconds: 0,
                    severity: .degraded, dominantStage: nil, offset: 0, line: Digest(of: input.span)
                ))
        }
        _ = live.closeAll()
        return nil
    }

    private static func coalescer(_ json: Data, _ rules: EpisodeRules) -> EpisodeCoalescer? {
        guard let state = try? JSONDecoder().decode(EpisodeState.self, from: json) else {
            return nil
        }
        return EpisodeCoalescer(rules: rules, state: state)
    }

    private static func text(of coalescer: EpisodeCoalescer) -> String {
        var json = JSONWriter()
        coalescer.writeState(to: &json)
        return json.text
    }

    /// The column `buckets`, of which there is one form only.
    static func buckets(_ input: [UInt8]) -> String? {
        let text = String(decoding: input, as: UTF8.self)
        guard let sketch = LatencySketch(bucketsJSON: text) else { return nil }
        _ = sketch.quantile(0.99)
        return sketch.bucketsJSON == text ? nil : "written as \(sketch.bucketsJSON)"
    }
}
