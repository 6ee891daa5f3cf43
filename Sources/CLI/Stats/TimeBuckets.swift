internal import Observers

/// An hour or a day of a zone.
struct TimeBucket: Equatable {
    /// How long a bucket is.
    enum Unit: Int64 {
        case hour = 3_600
        case day = 86_400
    }

    let unit: Unit
    /// Seconds since the epoch: of an hour its beginning, of a day its beginning as if the zone
    /// were UTC. So the hour that comes twice is two buckets, and a day of 23 or 25 hours is one.
    let start: Int64
    /// The zone's offset from UTC in the bucket, in seconds; of a day 0.
    let offset: Int

    /// The bucket's beginning in UTC, where that is the zone: `2026-06-13T08:00Z`, the form of the
    /// column `minute`.
    var utcName: String { Timestamp(seconds: start).minuteText }

    /// The bucket in the time of its zone: `2026-06-13`, `2026-06-13 10:00 +02:00`.
    var localName: String {
        let local = Timestamp(seconds: start + Int64(offset)).text
        guard unit == .hour else { return String(local.prefix(10)) }
        return local.prefix(16).replacing("T", with: " ") + " " + Wording.offset(offset)
    }
}

/// Sorts minutes into hours or days of a zone.
struct TimeBuckets {
    private let unit: TimeBucket.Unit
    private let zone: Zone
    /// The bucket of each quarter of an hour that was asked for: offsets are whole quarters and
    /// change on one, and a zone's rules take longer to ask than a row takes to add.
    private var known: [Int64: TimeBucket] = [:]
    private var last: (quarter: Int64, bucket: TimeBucket)?

    init(_ unit: TimeBucket.Unit, in zone: Zone) {
        self.unit = unit
        self.zone = zone
    }

    /// The bucket that a minute since the epoch lies in.
    mutating func bucket(ofMinute minute: Int64) -> TimeBucket {
        let quarter = minute.floorDivided(by: 15)
        if let last, last.quarter == quarter { return last.bucket }
        let bucket = known[quarter] ?? bucket(ofQuarter: quarter)
        known[quarter] = bucket
        last = (quarter, bucket)
        return bucket
    }

    private func bucket(ofQuarter quarter: Int64) -> TimeBucket {
        let second = quarter * 900
        let offset = zone.offset(second)
        let local = second + Int64(offset)
        let start = local.floorDivided(by: unit.rawValue) * unit.rawValue
        switch unit {
        case .hour: return TimeBucket(unit: unit, start: start - Int64(offset), offset: offset)
        case .day: return TimeBucket(unit: unit, start: start, offset: 0)
        }
    }
}
