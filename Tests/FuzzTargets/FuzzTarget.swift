/// A part of logtail that reads bytes which others wrote, and what has to hold whatever they are.
///
/// A fuzzer feeds them with input that nobody thought of; `scripts/fuzz` runs one. An input that
/// once found something stays in `Tests/FuzzCorpus`, where every test run tries it again.
public enum FuzzTarget: String, CaseIterable, Sendable {
    /// The JSON scanner against Foundation's decoders.
    case json
    /// The observers.
    case headroom, nginx
    /// Lines cut out of a log that grows in any steps.
    case lines
    /// Compressed siblings, read in any steps.
    case gzip
    /// What the kernel reports of files.
    case inotify
    /// The line a client of the bus sends.
    case request
    /// The URL of a `file:` sink.
    case archive
    /// What a checkpoint keeps: the position, and the open episodes.
    case position, episodes
    /// The buckets of a latency cell.
    case buckets

    /// What does not hold for `input`; nil where all does.
    public func finding(in input: [UInt8]) -> String? {
        switch self {
        case .json: JSONAgreement.finding(in: input)
        case .headroom: ObserverReading.finding(in: input, by: "headroom")
        case .nginx: ObserverReading.finding(in: input, by: "nginx")
        case .lines: LineReading.finding(in: input)
        case .gzip: GzipReading.finding(in: input)
        case .inotify: ReportReading.finding(in: input)
        case .request: RequestReading.finding(in: input)
        case .archive: ArchiveReading.finding(in: input)
        case .position: StoredForms.position(input)
        case .episodes: StoredForms.episodes(input)
        case .buckets: StoredForms.buckets(input)
        }
    }
}
