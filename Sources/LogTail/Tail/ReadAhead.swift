internal import Synchronization
internal import Syscalls

/// Reads a file ahead of the loop, on a thread of its own, while much of it is left.
///
/// Copying out of the page cache and finding lines take as long as everything that is done with
/// the lines. The thread does just what the loop would do, on a copy of its ``ReadProgress``; the
/// loop takes the lines and makes the progress its own, as if it had read them then and been slow
/// to go on.
final class ReadAhead {
    /// Stretches that wait to be taken at the most.
    private static let capacity = 3

    private static let stackBytes = 256 * 1_024

    private let exchange: Exchange
    /// What was taken last.
    private var lines = LinesAhead()

    /// A thread that has nothing to do yet; it ends when this is let go.
    init() throws(SystemCallError) {
        let exchange = try Exchange(capacity: Self.capacity)
        self.exchange = exchange
        try BackgroundThread.start("read ahead", stackBytes: Self.stackBytes) { exchange.serve() }
    }

    deinit {
        exchange.end()
    }

    /// Reads on from where `errand` stands until the file ends, instead of what was read before.
    func begin(_ errand: Errand) {
        exchange.begin(errand)
    }

    /// Waits for the lines of `source` from `offset` on. Nil where those are not what comes next,
    /// or there are none; then nothing is read ahead any more.
    func take(of source: any ByteSource, at offset: Int64) -> LinesAhead? {
        exchange.take(&lines, of: source, at: offset) ? lines : nil
    }
}

/// Where the loop and the thread that reads ahead hand each other lines.
private final class Exchange: Sendable {
    private let state: Mutex<ExchangeState>
    /// Up where the thread has something to do.
    private let wanted: EventFlag
    /// Up where lines are ready, or will not be.
    private let filled: EventFlag

    init(capacity: Int) throws(SystemCallError) {
        state = Mutex(ExchangeState(capacity: capacity))
        wanted = try EventFlag()
        filled = try EventFlag()
    }

    // MARK: The loop's side

    func begin(_ errand: Errand) {
        state.withLock { $0.begin(errand) }
        wanted.raise()
    }

    func take(_ lines: inout LinesAhead, of source: any ByteSource, at offset: Int64) -> Bool {
        while true {
            let (isTaken, isWorthWaking) = state.withLock { state in
                (state.take(&lines, of: source, at: offset), state.isWorthWaking)
            }
            if let isTaken {
                if isWorthWaking { wanted.raise() }
                return isTaken
            }
            filled.wait(milliseconds: nil)
            filled.lower()
        }
    }

    func end() {
        state.withLock { $0.isOver = true }
        wanted.raise()
    }

    // MARK: The thread's side

    /// Reads what is asked for until there is nobody left to ask.
    func serve() {
        var buffer = LineBuffer()
        while !state.withLock({ $0.isOver }) {
            guard var order = state.withLock({ $0.nextOrder() }) else {
                wanted.wait(milliseconds: nil)
                wanted.lower()
                continue
            }
            let hasMore = order.lines.fill(for: &order.errand, &buffer)
            state.withLock { $0.deliver(order, hasMore: hasMore) }
            filled.raise()
        }
    }
}

/// What is read ahead, and what was.
private struct ExchangeState: Sendable {
    private let capacity: Int
    /// What is to be read on; nil: nothing.
    private var errand: Errand?
    /// Changes with each new errand: what was read for one before is of no use.
    private var number = 0
    /// What `ready` was read of, and where it begins.
    private var source: PlainFile?
    private var offset: Int64 = 0
    private var ready: [LinesAhead] = []
    private var spare: [LinesAhead]
    var isOver = false

    init(capacity: Int) {
        self.capacity = capacity
        spare = [LinesAhead](repeating: LinesAhead(), count: capacity)
    }

    /// True where there is room for enough: being woken costs as much as reading a little.
    var isWorthWaking: Bool { errand != nil && spare.count == capacity - 1 }

    mutating func begin(_ errand: Errand) {
        abandon()
        self.errand = errand
        source = errand.file
        offset = errand.progress.readOffset
    }

    private mutating func abandon() {
        number += 1
        errand = nil
        source = nil
        spare += ready
        ready.removeAll()
    }

    /// Exchanges `lines` for those that come next; nil where they are still being read.
    mutating func take(
        _ lines: inout LinesAhead, of source: any ByteSource, at offset: Int64
    ) -> Bool? {
        guard self.source === source, self.offset == offset, !ready.isEmpty || errand != nil else {
            abandon()
            return false
        }
        guard !ready.isEmpty else { return nil }
        spare.append(lines)
        lines = ready.removeFirst()
        self.offset = lines.progress.readOffset
        return true
    }

    mutating func nextOrder() -> Order? {
        guard let errand, let lines = spare.popLast() else { return nil }
        return Order(errand: errand, number: number, lines: lines)
    }

    mutating func deliver(_ order: Order, hasMore: Bool) {
        let isWanted = order.number == number
        if isWanted { errand = hasMore ? order.errand : nil }
        if isWanted, !order.lines.isEmpty {
            ready.append(order.lines)
        } else {
            spare.append(order.lines)
        }
    }
}

/// A stretch that is to be read.
private struct Order {
    var errand: Errand
    let number: Int
    var lines: LinesAhead
}
