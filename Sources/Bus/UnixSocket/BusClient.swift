internal import Syscalls
internal import Telemetry

/// One client of the unix socket: how far it came, and what the kernel did not take yet.
///
/// At most one line waits here for a client, and only the part of it that did not fit. Everything
/// else waits in the database, so that a client that does not read costs next to nothing.
final class BusClient {
    /// Where a client stands.
    enum Phase {
        /// Its request is still coming; these are the bytes so far.
        case requesting([UInt8])
        /// Its request is there, the answer is not sent yet.
        case greeting(BusRequest)
        /// It gets rows.
        case subscribed(BusRequest)
        /// It was refused, and what it still sends is thrown away: closing at once could reset
        /// the connection before it has read why.
        case leaving
    }

    /// What became of a line that was to be sent.
    enum Sending {
        /// The kernel has all of it.
        case whole
        /// The kernel has some of it, the rest waits here.
        case partly
        /// The kernel has none of it.
        case refused
        /// The client is gone.
        case gone
    }

    /// A client that has taken nothing for a while, and the rows that wait for it.
    struct Backlog {
        /// Rows up to this one were counted.
        var counted: Int64
        /// Bytes of those it wants.
        var bytes: Int
    }

    let socket: UnixSocket
    var phase = Phase.requesting([])
    /// The last row that was sent, or that the client does not want.
    var cursor: Int64 = 0
    /// True once it was given everything there was, until it is blocked.
    var isLive = false
    /// True while the kernel takes no more for it.
    var isBlocked = false
    /// Kernel memory that held unreceived bytes when it was last looked at.
    var unreceived: Int32?
    var backlog: Backlog?
    /// When it is looked at though nothing is ready.
    var deadline: ContinuousClock.Instant?
    /// True where it sends nothing more.
    var isHalfClosed = false
    /// True while it is in the queue of those to be served.
    var isQueued = false
    private var unsent: [UInt8] = []
    private var unsentFrom = 0

    init(_ socket: consuming UnixSocket) {
        self.socket = socket
    }

    /// What it is watched for: its request and its end, and room where it is blocked.
    var interest: Poller.Readiness {
        var interest: Poller.Readiness = []
        if !isHalfClosed { interest.insert(.read) }
        if isBlocked { interest.insert(.write) }
        return interest
    }

    /// Every row up to here has left for it.
    var drained: Int64 {
        switch phase {
        case .requesting, .leaving: Int64.max
        case .greeting: Int64.min
        case .subscribed: unsent.isEmpty ? cursor : cursor - 1
        }
    }

    /// Sends a line, once nothing of an earlier one waits.
    func send(_ line: [UInt8]) -> Sending {
        unsent = line
        unsentFrom = 0
        let sending = flush()
        if case .refused = sending { unsent = [] }
        return sending
    }

    /// Sends what waits of a line.
    func flush() -> Sending {
        let (line, start) = (unsent, unsentFrom)
        while unsentFrom < line.count {
            let count: Int?
            do {
                count = try socket.send(line.span.extracting(unsentFrom...))
            } catch {
                return .gone
            }
            guard let count else { return unsentFrom == start ? .refused : .partly }
            unsentFrom += count
        }
        unsent = []
        return .whole
    }

    /// Whether it has received something since the last look.
    func hasReceived() -> Bool {
        let before = unreceived
        unreceived = socket.unreceivedBytes
        guard let before, let unreceived else { return false }
        return unreceived < before
    }
}
