internal import Foundation
internal import Observers
internal import Syscalls

extension Zone {
    /// The rule of a Foundation time zone.
    init(_ zone: TimeZone) {
        self.init { second in
            zone.secondsFromGMT(for: Date(timeIntervalSince1970: TimeInterval(second)))
        }
    }

    /// The zone of this machine; its rules are loaded when a timestamp first needs them.
    static let system = Zone { second in
        guard unnamed == nil else { return MachineZone.offset(at: second) }
        let date = Date(timeIntervalSince1970: TimeInterval(second))
        return TimeZone.current.secondsFromGMT(for: date)
    }

    /// What TZ says where that is no zone's name, which Foundation would take for UTC: a file, or
    /// a rule (tzset(3)).
    static let unnamed: String? = Environment.value("TZ").flatMap { text in
        text.isEmpty || TimeZone(identifier: text) != nil ? nil : text
    }
}
