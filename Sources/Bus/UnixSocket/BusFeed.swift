internal import Observers
internal import Syscalls
internal import Telemetry

/// Gives the clients of the unix socket the rows they wait for, a few lines at a time so that
/// each has its turn, and judges those who do not take them.
struct BusFeed {
    /// How a client's turn ended.
    enum Outcome {
        /// There is more for it.
        case unfinished
        /// There is nothing more for it now.
        case upToDate
        /// The kernel takes no more for it.
        case blocked
        /// It is to be closed.
        case over
    }

    /// Rows that a client is given before the next one has its turn.
    private static let rowsATurn = 64

    /// The newest row when the feed was last refreshed.
    private(set) var latest: Int64
    private let limits: UnixSocketSink.Limits
    private let publication: Publication
    private var pages: EventPages

    init(_ opening: SinkOpening, _ limits: UnixSocketSink.Limits) {
        latest = opening.position
        self.limits = limits
        publication = opening.publication
        pages = EventPages(opening.log)
    }

    /// Looks for rows that were committed.
    mutating func refresh() throws(BusError) {
        latest = try pages.refresh()
    }

    /// Does what there is to do for a client.
    mutating func serve(_ client: BusClient) throws(BusError) -> Outcome {
        switch client.phase {
        case .requesting, .leaving: .upToDate
        case .greeting(let request): try greet(client, request)
        case .subscribed(let request):
            if client.isBlocked {
                try countBacklog(client, request)
            } else {
                try send(client, request)
            }
        }
    }

    private func greet(_ client: BusClient, _ request: BusRequest) throws(BusError) -> Outcome {
        let bounds = try pages.bounds()
        // The first line for a client always fits into what the kernel holds for it.
        guard case .whole = client.send(BusReply.hello(bounds, since: request.since)) else {
            return .over
        }
        client.cursor = request.since ?? bounds.latest
        // What it was just told is gone is not missed later.
        if bounds.lacks(after: client.cursor) {
            client.cursor = bounds.oldest.map { $0 - 1 } ?? bounds.latest
        }
        client.phase = .subscribed(request)
        return .unfinished
    }

    private mutating func send(
        _ client: BusClient, _ request: BusRequest
    ) throws(BusError) -> Outcome {
        switch client.flush() {
        case .whole: break
        case .partly, .refused: return block(client)
        case .gone: return .over
        }
        guard let page = try pages.page(after: client.cursor) else {
            return try settle(client)
        }
        let start = page.index(after: client.cursor)
        if try isBehind(client, page.events[start].seq) { return dismiss(client) }
        for index in start..<min(start + Self.rowsATurn, page.events.count) {
            let event = page.events[index]
            if request.wants(event, publication) {
                switch client.send(page.line(at: index)) {
                case .whole: break
                case .partly:
                    client.cursor = event.seq
                    return block(client)
                case .refused: return block(client)
                case .gone: return .over
                }
            }
            client.cursor = event.seq
        }
        return pages.isEnd(client.cursor) ? try settle(client) : .unfinished
    }

    /// True where rows between those that a client got and the next one were pruned. That is asked
    /// only where the numbers have a gap.
    private func isBehind(_ client: BusClient, _ next: Int64) throws(BusError) -> Bool {
        guard next > client.cursor.addingSaturating(1) else { return false }
        return try pages.bounds().lacks(after: client.cursor)
    }

    /// Tells a client where it stands, before it is closed: it may come back from there.
    private func dismiss(_ client: BusClient) -> Outcome {
        _ = client.send(BusReply.lagged(seq: client.cursor))
        return .over
    }

    private func settle(_ client: BusClient) throws(BusError) -> Outcome {
        if try isBehind(client, latest.addingSaturating(1)) { return dismiss(client) }
        // Where somebody deleted the newest rows, nothing is left up to here.
        client.cursor = max(client.cursor, latest)
        client.isLive = true
        return .upToDate
    }

    private func block(_ client: BusClient) -> Outcome {
        client.isBlocked = true
        client.isLive = false
        return .blocked
    }

    /// Counts what waits for a client that has taken nothing for a while, a page at a time, and
    /// gives it up once that is too much.
    private mutating func countBacklog(
        _ client: BusClient, _ request: BusRequest
    ) throws(BusError) -> Outcome {
        guard var backlog = client.backlog,
            let page = try pages.page(after: backlog.counted)
        else { return .upToDate }
        for index in page.index(after: backlog.counted)..<page.events.count
        where request.wants(page.events[index], publication) {
            backlog.bytes += page.line(at: index).count
        }
        backlog.counted = page.last
        client.backlog = backlog
        guard backlog.bytes > limits.waitingBytes else { return .unfinished }
        if client.hasReceived() {
            client.backlog = nil
            return .blocked
        }
        client.socket.raiseSendLimit()
        guard case .whole = client.flush() else { return .over }
        return dismiss(client)
    }
}
