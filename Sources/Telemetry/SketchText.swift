internal import LogTail

extension LatencySketch {
    /// The column `buckets`: `{"-12":3,"40":5}`, lowest bucket first, empty ones left out.
    var text: String {
        var json = JSONWriter()
        json.object { json in
            forEachBucket { bucket, count in json.field(String(bucket), count) }
        }
        return json.text
    }

    /// A sketch from the column `buckets`; nil where it is not what ``text`` writes.
    init?(text: String) {
        // More than any log holds, and few enough that sums of sketches cannot overflow.
        let limit = Int64(1) << 53
        guard text.hasPrefix("{"), text.hasSuffix("}"), text.utf8.count >= 2 else { return nil }
        self.init()
        for field in text.dropFirst().dropLast().split(separator: ",") {
            let parts = field.split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count == 2, let bucket = Self.bucket(parts[0]),
                let count = Int64(parts[1]), count > 0, count <= limit
            else { return nil }
            add(count, toBucket: bucket)
        }
    }

    private static func bucket(_ text: Substring) -> Int? {
        guard text.utf8.count > 2, text.hasPrefix("\""), text.hasSuffix("\"") else { return nil }
        guard let bucket = Int(text.dropFirst().dropLast()) else { return nil }
        return (firstBucket...lastBucket).contains(bucket) ? bucket : nil
    }
}
