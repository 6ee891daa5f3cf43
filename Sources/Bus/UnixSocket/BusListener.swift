internal import Syscalls

/// The unix socket that clients connect to: its file, and who is let in.
final class BusListener {
    /// Clients that are accepted before those there have their turn.
    private static let acceptsATurn = 64

    /// How long nobody is accepted after the process ran out of descriptors: the waiting client
    /// would otherwise wake the loop for ever.
    private static let pause = Duration.seconds(1)

    /// Why nobody can be accepted now.
    private(set) var trouble: BusError?
    /// When it is tried again; nil while the socket is watched.
    private(set) var nextAttempt: ContinuousClock.Instant?
    private let path: String
    private let poller: Poller
    private let socket: UnixSocket
    private let identity: FileStatus?

    /// Listens at `path`, in a folder that is made where it is missing.
    init(path: String, poller: Poller) throws(BusError) {
        guard path.utf8.count <= UnixSocket.maximumPathBytes else {
            throw .pathTooLong(path: path, limitBytes: UnixSocket.maximumPathBytes)
        }
        self.path = path
        self.poller = poller
        let listening: UnixSocket?
        do {
            try Folder.create(Folder.parent(of: path))
            listening = try UnixSocket.listen(at: path)
        } catch {
            throw .unable(to: "listen on", path, error)
        }
        guard let listening else { throw .inUse(path: path) }
        socket = listening
        do {
            identity = try FileStatus(path: path)
            try poller.add(socket.number, .read)
        } catch {
            throw .unable(to: "listen on", path, error)
        }
    }

    /// The number that is ready where a client waits.
    var number: Int32 { socket.number }

    /// Hands those who wait to `body`, at most ``acceptsATurn`` of them.
    func accept(_ body: (consuming UnixSocket) -> Void) {
        if let nextAttempt, .now < nextAttempt { return }
        do {
            for _ in 0..<Self.acceptsATurn {
                guard let client = try socket.accept() else { break }
                body(client)
            }
            if nextAttempt != nil { try poller.add(number, .read) }
            nextAttempt = nil
            trouble = nil
        } catch {
            if nextAttempt == nil { poller.remove(number) }
            nextAttempt = .now + Self.pause
            trouble = .unable(to: "accept a client on", path, error)
        }
    }

    /// Removes the socket's file, where it still is the one that was made here.
    func close() {
        poller.remove(number)
        guard let identity, let now = try? FileStatus(path: path) else { return }
        if now.isSameFile(as: identity) { try? Folder.remove(path) }
    }
}
