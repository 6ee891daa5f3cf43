internal import Foundation
internal import LogTail
internal import Telemetry

/// A notice as a sentence: what was lost, truncated or not understood.
enum NoticeText {
    /// What a person calls a kind of notice.
    static func title(_ event: RecordedEvent) -> String {
        switch EventKind(rawValue: event.kind) {
        case .missedRotation: "Rotation missed"
        case .truncated: "Truncated"
        case .lineOversized: "Line too long"
        case .archiveUnreadable: "Archive unreadable"
        case .readFailed: "Reading failed"
        case .observerDrift: "Format drifted"
        case .observerRecovered: "Format recovered"
        default: event.kind
        }
    }

    /// What its detail says, name by name: whatever a newer logtail writes there shows too.
    static func detail(_ event: RecordedEvent) -> String {
        guard
            let object = try? JSONSerialization.jsonObject(with: Data(event.detail.utf8)),
            let fields = object as? [String: Any]
        else { return event.detail }
        return fields.sorted { $0.key < $1.key }.compactMap { name, value in
            text(value).map { "\(name.replacing("_", with: " ")): \($0)" }
        }.joined(separator: ", ")
    }

    private static func text(_ value: Any) -> String? {
        switch value {
        case let text as String: text
        case let number as NSNumber: number.stringValue
        default: nil
        }
    }
}
