internal import GRDB
internal import LogTail
public import Observers

/// Which events are asked for. Every filter is defined once, as a condition on a column, and is
/// put to the database and to a row in memory from that one definition.
public struct EventQuery: Equatable, Sendable {
    /// Events from this time on, to the millisecond.
    public var since: Timestamp?
    /// Events before this time, to the millisecond.
    public var until: Timestamp?
    /// Events of these sources; empty: of all.
    public var sources: [String] = []
    /// Events published under these names; empty: under all.
    public var events: [String] = []
    /// Events of these kinds; empty: of all.
    public var kinds: [String] = []
    /// Events of these statuses; empty: of all.
    public var statuses: [String] = []
    /// Only events that call for attention: everything but `ok` and `info`.
    public var warningsOnly = false
    /// Only events with a `seq` strictly greater.
    public var after: Int64?
    /// At most this many: the last ones, or with ``after`` the first ones. Nil: all.
    public var limit: Int?

    /// All events.
    public init() {}

    /// Whether a row passes the filters; ``limit`` is none.
    public func matches(_ event: RecordedEvent) -> Bool {
        if let after, event.seq <= after { return false }
        return conditions.allSatisfy { $0.holds(for: event) }
    }

    /// A condition for each filter that is set.
    var conditions: [Condition] {
        var conditions: [Condition] = []
        if let since { conditions.append(Condition(.timestamp, .atLeast(since.text))) }
        if let until { conditions.append(Condition(.timestamp, .below(until.text))) }
        let lists: [(Column, [String])] = [
            (.source, sources), (.event, events), (.kind, kinds), (.status, statuses),
        ]
        for (column, values) in lists where !values.isEmpty {
            conditions.append(Condition(column, .oneOf(values)))
        }
        if warningsOnly {
            let quiet = [EventStatus.ok.rawValue, EventStatus.info.rawValue]
            conditions.append(Condition(.status, .noneOf(quiet)))
        }
        return conditions
    }

    /// A column that can be filtered by.
    enum Column: String {
        case timestamp = "ts"
        case source, event, kind, status

        func value(of row: RecordedEvent) -> String {
            switch self {
            case .timestamp: row.timestamp
            case .source: row.source
            case .event: row.event
            case .kind: row.kind
            case .status: row.status
            }
        }
    }

    /// What must be true of one column.
    struct Condition {
        enum Relation {
            case atLeast(String)
            case below(String)
            case oneOf([String])
            case noneOf([String])
        }

        let column: Column
        let relation: Relation

        init(_ column: Column, _ relation: Relation) {
            self.column = column
            self.relation = relation
        }

        func holds(for row: RecordedEvent) -> Bool {
            let value = column.value(of: row)
            return switch relation {
            case .atLeast(let bound): value >= bound
            case .below(let bound): value < bound
            case .oneOf(let values): values.contains(value)
            case .noneOf(let values): !values.contains(value)
            }
        }

        /// The condition in SQL, with a placeholder for each of ``arguments``.
        var sql: String {
            switch relation {
            case .atLeast: "\(column.rawValue) >= ?"
            case .below: "\(column.rawValue) < ?"
            case .oneOf(let values):
                "\(column.rawValue) IN (\(Self.placeholders(values)))" + indexHint(values)
            case .noneOf(let values): "\(column.rawValue) NOT IN (\(Self.placeholders(values)))"
            }
        }

        var arguments: [String] {
            switch relation {
            case .atLeast(let bound), .below(let bound): [bound]
            case .oneOf(let values), .noneOf(let values): values
            }
        }

        /// What lets SQLite see that the index over all kinds but breaches applies.
        private func indexHint(_ values: [String]) -> String {
            let breach = EventKind.overhead.rawValue
            return column == .kind && !values.contains(breach) ? " AND kind <> '\(breach)'" : ""
        }

        private static func placeholders(_ values: [String]) -> String {
            values.map { _ in "?" }.joined(separator: ", ")
        }
    }
}

extension EventQuery {
    /// The filters in SQL, with what its placeholders stand for.
    var condition: (sql: String, arguments: StatementArguments) {
        let conditions = conditions
        let texts = ["seq > ?"] + conditions.map(\.sql)
        return (
            texts.joined(separator: " AND "),
            [after ?? .min] + StatementArguments(conditions.flatMap(\.arguments))
        )
    }
}
