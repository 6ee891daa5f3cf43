internal import LogTail
internal import Observers
internal import Telemetry

/// The lines that a client of the unix socket is sent besides events.
enum BusReply {
    /// The answer to a request: how far the rows reach, and whether some that were asked for are
    /// gone. Where there is no row, `oldest` is the `seq` that the next one will have.
    static func hello(_ bounds: EventBounds, since: Int64?) -> [UInt8] {
        let oldest = bounds.oldest ?? bounds.latest.addingSaturating(1)
        return line { json in
            json.field("hello", "logtail")
            json.field("oldest", oldest)
            json.field("latest", bounds.latest)
            json.field("truncated", isTruncated(since: since, oldest: oldest))
        }
    }

    /// Rows begin at 1, so whoever asks for those after `since` lacks the ones from there, or from
    /// 1, up to the oldest.
    static func isTruncated(since: Int64?, oldest: Int64) -> Bool {
        guard let since else { return false }
        return max(since, 0) < oldest.subtractingSaturating(1)
    }

    /// The last line for a client that does not read: it may come back with `since` = `seq`.
    static func lagged(seq: Int64) -> [UInt8] {
        line { json in
            json.field("lagged", true)
            json.field("seq", seq)
        }
    }

    /// The only line for a client that is not served.
    static func error(_ reason: String) -> [UInt8] {
        line { json in json.field("error", reason) }
    }

    private static func line(_ fields: (inout JSONWriter) -> Void) -> [UInt8] {
        var json = JSONWriter()
        json.object(fields)
        return json.line()
    }
}
