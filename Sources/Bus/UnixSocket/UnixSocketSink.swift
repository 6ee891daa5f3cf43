internal import Syscalls
internal import Telemetry

/// Serves events to any number of local clients over a unix socket, with replay.
///
/// Live clients and replaying ones are the same thing: each stands somewhere in the log and is
/// given the pages after that, in turn, until it has them all. There is no seam between replay and
/// live where a row could be lost or doubled.
final class UnixSocketSink: Sink {
    /// The limits of a server, with their reasons.
    struct Limits: Sendable {
        /// Bytes of a request without its newline; the largest useful one has a few hundred.
        var requestBytes = 4_096
        /// How long a client may take to send its request, and to read why it was refused.
        var requestTime = Duration.seconds(5)
        /// Bytes of rows that may wait for a client that does not read.
        var waitingBytes = 1 << 20
        /// How long a client may take nothing at all before what waits for it is counted: one
        /// that is busy, or has to wait for a processor, has not stopped reading.
        var patience = Duration.seconds(2)
        /// Clients at once, four times what is promised.
        var clients = 4_096
    }

    private(set) var position: Int64
    private(set) var nextTurn: ContinuousClock.Instant?
    private let limits: Limits
    private let poller: Poller
    private let listener: BusListener
    private var feed: BusFeed
    private var clients: [Int32: BusClient] = [:]
    /// Those for whom there may be something to do now.
    private var queue: [BusClient] = []
    private var scratch = [UInt8](repeating: 0, count: 4_096)

    /// A server at `path`.
    init(_ opening: SinkOpening, path: String, limits: Limits) throws(BusError) {
        // The clients, and what else a daemon has open.
        let descriptors = OpenFileLimit.raise(to: UInt(limits.clients) + 1_024)
        var limits = limits
        limits.clients = min(limits.clients, Self.clients(withinDescriptors: descriptors))
        self.limits = limits
        poller = opening.poller
        position = opening.position
        feed = BusFeed(opening, limits)
        listener = try BusListener(path: path, poller: opening.poller)
    }

    /// How many clients leave room for the files that are followed: a quarter of all descriptors,
    /// as far as that many are needed.
    static func clients(withinDescriptors count: UInt) -> Int {
        Int(clamping: count - min(count / 4, 1_024))
    }

    @Sendable
    static func plan(_ location: BusLocation) throws(BusError) -> SinkPlan {
        let path = location.rest.isEmpty ? location.surroundings.socketPath : location.rest
        return plan(path: Folder.absolute(path), limits: Limits())
    }

    static func plan(path: String, limits: Limits) -> SinkPlan {
        SinkPlan(name: "unix:\(path)") { opening throws(BusError) in
            try UnixSocketSink(opening, path: path, limits: limits)
        }
    }

    var complaint: BusError? { listener.trouble }

    var drainedPosition: Int64 {
        clients.values.reduce(feed.latest) { min($0, $1.drained) }
    }

    func turn(_ ready: [ReadyDescriptor], hasNews: Bool) throws(BusError) {
        for descriptor in ready {
            guard let client = clients[descriptor.number] else { continue }
            attend(client, descriptor.readiness)
        }
        expireDeadlines()
        // Last, so that the number of a client that left is not taken for that of a new one.
        if listener.nextAttempt != nil || ready.contains(where: { $0.number == listener.number }) {
            listener.accept(admit)
        }
        // Where the database fails, only what needs no database is waited for.
        nextTurn = nextDeadline
        if hasNews {
            try feed.refresh()
            for client in clients.values where !client.isBlocked || client.backlog != nil {
                enqueue(client)
            }
        }
        try serveQueue()
        if !queue.contains(where: \.isLive) { position = max(position, feed.latest) }
        nextTurn = queue.isEmpty ? nextDeadline : .now
    }

    func close() {
        listener.close()
        clients = [:]
        queue = []
    }

    private var nextDeadline: ContinuousClock.Instant? {
        clients.values.reduce(listener.nextAttempt) { earliest, client in
            guard let deadline = client.deadline else { return earliest }
            return earliest.map { min($0, deadline) } ?? deadline
        }
    }
}

// MARK: - Coming and going

extension UnixSocketSink {
    private func admit(_ socket: consuming UnixSocket) {
        let client = BusClient(socket)
        guard clients.count < limits.clients else {
            _ = client.send(BusReply.error("\(limits.clients) clients are served already"))
            return
        }
        clients[client.socket.number] = client
        do {
            try poller.add(client.socket.number, .read)
        } catch {
            return close(client)
        }
        client.deadline = .now + limits.requestTime
    }

    private func close(_ client: BusClient) {
        poller.remove(client.socket.number)
        clients[client.socket.number] = nil
    }

    /// Watches a client for what it is to be watched for now.
    private func watch(_ client: BusClient) {
        do {
            try poller.modify(client.socket.number, client.interest)
        } catch {
            close(client)
        }
    }

    private func attend(_ client: BusClient, _ readiness: Poller.Readiness) {
        if !readiness.isDisjoint(with: .hangup) { return close(client) }
        if readiness.contains(.write) {
            client.isBlocked = false
            client.backlog = nil
            client.deadline = nil
            watch(client)
            enqueue(client)
        }
        if readiness.contains(.read) { receive(from: client) }
    }

    private func receive(from client: BusClient) {
        let count: Int
        do {
            guard let received = try client.socket.receive(into: &scratch) else { return }
            count = received
        } catch {
            return close(client)
        }
        if count == 0 {
            client.isHalfClosed = true
            watch(client)
        }
        switch client.phase {
        case .requesting(let before):
            read(before + scratch[..<count], of: client)
        case .leaving:
            if client.isHalfClosed { close(client) }
        case .greeting, .subscribed:
            // Whatever follows the request means nothing.
            break
        }
    }

    /// Reads a request once all of it is there.
    private func read(_ bytes: [UInt8], of client: BusClient) {
        let end = bytes.firstIndex(of: UInt8(ascii: "\n"))
        guard (end ?? bytes.count) <= limits.requestBytes else {
            return refuse(client, "the request is longer than \(limits.requestBytes) bytes")
        }
        guard end != nil || client.isHalfClosed else {
            client.phase = .requesting(bytes)
            return
        }
        do {
            client.phase = .greeting(try BusRequest(line: bytes[..<(end ?? bytes.count)]))
            client.deadline = nil
            enqueue(client)
        } catch {
            refuse(client, error.reason)
        }
    }

    private func refuse(_ client: BusClient, _ reason: String) {
        client.phase = .leaving
        client.deadline = .now + limits.requestTime
        _ = client.send(BusReply.error(reason))
        client.socket.endSending()
        if client.isHalfClosed { close(client) }
    }

    private func expireDeadlines() {
        let now = ContinuousClock.now
        for client in clients.values {
            guard let deadline = client.deadline, deadline <= now else { continue }
            client.deadline = nil
            switch client.phase {
            case .requesting: refuse(client, "no request came within \(limits.requestTime)")
            case .leaving: close(client)
            case .subscribed where client.hasReceived(): client.deadline = now + limits.patience
            case .greeting: break
            case .subscribed:
                client.backlog = BusClient.Backlog(counted: client.cursor, bytes: 0)
                enqueue(client)
            }
        }
    }
}

// MARK: - Serving

extension UnixSocketSink {
    private func enqueue(_ client: BusClient) {
        guard !client.isQueued else { return }
        client.isQueued = true
        queue.append(client)
    }

    /// One turn for each client that is in the queue now.
    private func serveQueue() throws(BusError) {
        let round = queue
        queue = []
        for (index, client) in round.enumerated() {
            do {
                client.isQueued = false
                guard clients[client.socket.number] === client else { continue }
                try serve(client)
            } catch {
                client.isQueued = true
                queue.append(contentsOf: round[index...])
                throw error
            }
        }
    }

    private func serve(_ client: BusClient) throws(BusError) {
        switch try feed.serve(client) {
        case .unfinished: enqueue(client)
        case .upToDate: break
        case .over: close(client)
        case .blocked:
            // The first look is what later ones are compared with.
            _ = client.hasReceived()
            client.deadline = .now + limits.patience
            watch(client)
        }
    }
}
