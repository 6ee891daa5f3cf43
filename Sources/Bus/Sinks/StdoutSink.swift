internal import Syscalls
internal import Telemetry

/// Writes every event to standard output, one write a line, for pipes.
///
/// A full pipe holds up this sink's thread and nothing else.
final class StdoutSink: Sink {
    private(set) var position: Int64
    private(set) var nextTurn: ContinuousClock.Instant?
    private let log: any EventLog
    private let poller: Poller
    private let publication: Publication
    private let name: String
    private let output: FileDescriptor
    /// The row being written and what of its line is not written yet.
    private var unwritten: (seq: Int64, line: [UInt8], from: Int)?
    private var isWaiting = false

    /// A sink that writes to the open descriptor `number`.
    init(_ opening: SinkOpening, name: String, number: Int32) throws(BusError) {
        log = opening.log
        poller = opening.poller
        position = opening.position
        publication = opening.publication
        self.name = name
        do {
            output = try FileDescriptor(duplicating: number)
        } catch {
            throw .unable(to: "write to", name, error)
        }
    }

    var drainedPosition: Int64 { position }

    @Sendable
    static func plan(_ location: BusLocation) throws(BusError) -> SinkPlan {
        guard location.rest.isEmpty else {
            throw .badURL(location.url, reason: "nothing may follow stdout:")
        }
        return plan(name: location.url, number: 1)
    }

    static func plan(name: String, number: Int32) -> SinkPlan {
        SinkPlan(name: name) { opening throws(BusError) in
            try StdoutSink(opening, name: name, number: number)
        }
    }

    func turn(_ ready: [ReadyDescriptor], hasNews: Bool) throws(BusError) {
        nextTurn = nil
        if isWaiting { poller.remove(output.number) }
        isWaiting = false
        guard try finishLine() else { return }
        let rows = try NextRows(log, after: position)
        for event in rows.events {
            if publication.includes(event) {
                unwritten = (event.seq, EventLine.bytes(event), 0)
                guard try finishLine() else { return }
            }
            position = event.seq
        }
        position = rows.end
        if rows.hasMore { nextTurn = .now }
    }

    func close() {}

    /// Writes what is left of a line; false where the output takes no more now.
    private func finishLine() throws(BusError) -> Bool {
        while let (seq, line, from) = unwritten {
            let count: Int?
            do {
                count = try output.write(line.span.extracting(from...))
                if count == nil { try poller.add(output.number, .write) }
            } catch {
                if error.isBrokenPipe { throw .readerGone(sink: name) }
                throw .unable(to: "write to", name, error)
            }
            guard let count else {
                isWaiting = true
                return false
            }
            if from + count < line.count {
                unwritten = (seq, line, from + count)
            } else {
                unwritten = nil
                position = seq
            }
        }
        return true
    }
}
