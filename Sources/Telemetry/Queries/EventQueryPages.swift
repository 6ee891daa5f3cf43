extension EventQuery {
    /// The answer to a query, page by page: between two of them nothing of the database is held,
    /// so the reader may take its time.
    public struct Pages {
        /// The newest `seq` at the time of the question; the answer reaches up to it.
        public let through: Int64
        /// True once rows were pruned before they could be handed out.
        public private(set) var isIncomplete = false

        private static let pageRows = 500

        private let reader: TelemetryReader
        private var query: EventQuery
        private var left: Int

        init(_ reader: TelemetryReader, _ query: EventQuery, through: Int64) {
            self.reader = reader
            self.query = query
            self.through = through
            left = query.limit ?? .max
        }

        /// The next rows, at least one; nil at the end.
        public mutating func next() throws(TelemetryError) -> [RecordedEvent]? {
            guard left > 0 else { return nil }
            let wanted = min(left, Self.pageRows)
            let page = try reader.page(query, through: through, limit: wanted)
            if let after = query.after {
                isIncomplete = isIncomplete || page.bounds.lacks(after: after)
            }
            left = page.rows.count < wanted && !page.isCut ? 0 : left - page.rows.count
            guard let last = page.rows.last else { return nil }
            query.after = last.seq
            return page.rows
        }
    }
}
