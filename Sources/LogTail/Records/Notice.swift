internal import Checkpoint
internal import Observers

/// Something that happened to a followed file rather than in it: an event of its own, so that
/// nothing that could not be read is dropped in silence.
struct Notice {
    let kind: EventKind
    /// Where in its generation reading stood.
    let offset: Int64
    /// What else the detail holds besides path and offset.
    let detail: (inout JSONWriter) -> Void

    init(
        _ kind: EventKind, offset: Int64, _ detail: @escaping (inout JSONWriter) -> Void = { _ in }
    ) {
        self.kind = kind
        self.offset = offset
        self.detail = detail
    }

    /// The row of the notice. Its key comes from what it reports; `occasion` tells apart what
    /// may be reported twice of the same bytes, such as two starts at the same position.
    func event(
        _ configuration: TailConfiguration, path: String, at time: Timestamp, occasion: String
    ) -> Event {
        var json = JSONWriter()
        json.object { json in
            json.field("path", path)
            json.field("offset", offset)
            detail(&json)
        }
        let reported = Digest(of: Array((json.text + occasion).utf8).span)
        return Event(
            seed: EventSeed(
                source: configuration.source, kind: kind, offset: offset, line: reported),
            timestamp: time, source: configuration.source, event: configuration.event, kind: kind,
            status: kind.noticeStatus, detail: json.text)
    }
}

extension EventKind {
    /// Whether a notice of this kind says that something may be missing.
    fileprivate var noticeStatus: EventStatus {
        switch self {
        case .missedRotation, .lineOversized, .archiveUnreadable, .readFailed, .observerDrift:
            .warning
        case .overhead, .stallEpisode, .tailStarted, .tailStopped, .rotated, .truncated,
            .observerRecovered:
            .info
        }
    }
}

extension JSONWriter {
    /// Writes a field that names a file as the file system does.
    mutating func field(_ name: String, _ identity: FileIdentity) {
        field(name) { json in
            json.object { json in
                json.field("device", identity.device)
                json.field("inode", identity.inode)
            }
        }
    }
}
