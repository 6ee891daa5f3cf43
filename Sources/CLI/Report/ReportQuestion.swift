internal import LogTail
internal import Observers
internal import Telemetry

/// What a report is asked, and how the database answers it.
struct ReportQuestion {
    var since: QueryTime?
    var until: QueryTime?
    var sources: [String] = []
    var zone = Zone.utc
    var zoneName = "UTC"
    let now: Timestamp

    /// As many stretches as a chart has room for.
    private static let mostStretches: Int64 = 96
    /// Notices are few, or many of one sort.
    private static let mostNotices = 50

    /// What a person has to know of: what was lost or not understood, and that it was again.
    private static let noticeKinds: [EventKind] = [
        .truncated, .missedRotation, .lineOversized, .archiveUnreadable, .readFailed,
        .observerDrift, .observerRecovered,
    ]

    /// The answer, all of it as the database is at one moment.
    func contents(_ reader: TelemetryReader, _ bounds: (since: Timestamp?, until: Timestamp?))
        throws -> ReportContents
    {
        var latency = LatencyQuery()
        latency.since = bounds.since
        latency.until = bounds.until
        latency.sources = sources
        var events = EventQuery()
        events.since = bounds.since
        events.until = bounds.until
        events.sources = sources
        return try reader.atOneMoment { moment in
            try contents(moment, try moment.latency(matching: latency), latency, events)
        }
    }

    private func contents(
        _ moment: TelemetryMoment, _ view: LatencyView, _ query: LatencyQuery, _ events: EventQuery
    ) throws -> ReportContents {
        let window = window(view.series, query)
        let step = TimeStep.fitting(window.minutes, atMost: Self.mostStretches)
        let boundaries = step.boundaries(of: window.minutes, in: zone)
        var sources = try sources(view, boundaries)
        var episodes = EpisodeTally()
        try moment.forEachEpisode(matching: events) { episode in
            episodes.add(episode)
            if sources[episode.source] == nil {
                sources[episode.source] = ReportSource(
                    episode.source, stretches: boundaries.count - 1)
            }
            sources[episode.source]?.episodes.add(episode)
        }
        var total = LatencyCell(source: "", stage: StatsQuestion.total, minute: 0)
        for source in sources.values { total.merge(source.total) }
        var noticeQuery = events
        noticeQuery.kinds = Self.noticeKinds.map(\.rawValue)
        noticeQuery.limit = Self.mostNotices
        let notices = try moment.latestEvents(matching: noticeQuery)
        let named = sources.values.sorted { $0.name < $1.name }
        return ReportContents(
            window: window, step: step, boundaries: boundaries,
            sources: Array(named.prefix(ReportContents.mostSources)),
            sourcesLeftOut: max(0, named.count - ReportContents.mostSources),
            total: LatencySummary(total), episodes: episodes, notices: notices.events,
            noticeCount: notices.count,
            isPruned: try moment.isPruned(query))
    }

    /// The window that was asked for, and where it has no bound, up to where rows are.
    private func window(_ series: [LatencySeries], _ query: LatencyQuery) -> ReportWindow {
        let end =
            query.endMinute ?? series.map { $0.lastMinute + 1 }.max() ?? now.unixMinute + 1
        let isOpen = query.endMinute == nil
        let last = isOpen && since?.isAge == true ? max(end, now.unixMinute + 1) : end
        let first = query.firstMinute ?? series.map(\.firstMinute).min() ?? last - 1
        let minutes = first..<max(last, first + 1)
        return ReportWindow(
            minutes: minutes, zone: zone, zoneName: zoneName, since: since, until: until,
            now: now)
    }

    private func sources(
        _ view: LatencyView, _ boundaries: [Int64]
    ) throws -> [String: ReportSource] {
        var sources: [String: ReportSource] = [:]
        for series in view.series {
            var source =
                sources[series.source]
                ?? ReportSource(series.source, stretches: boundaries.count - 1)
            if series.stage == StatsQuestion.total {
                try add(series, view, boundaries, to: &source)
            } else {
                var stage = LatencyCell(source: series.source, stage: series.stage, minute: 0)
                try view.forEachMinute(of: series) { try $0.add(to: &stage) }
                source.stages.append(stage)
            }
            sources[series.source] = source
        }
        return sources
    }

    private func add(
        _ series: LatencySeries, _ view: LatencyView, _ boundaries: [Int64],
        to source: inout ReportSource
    ) throws {
        var index = 0
        try view.forEachMinute(of: series) { minute in
            while index + 2 < boundaries.count, minute.minute >= boundaries[index + 1] {
                index += 1
            }
            try minute.add(to: &source.stretches[index])
        }
        for stretch in source.stretches { source.total.merge(stretch) }
    }
}

extension QueryTime {
    /// True where it counts from now.
    var isAge: Bool { if case .age = self { true } else { false } }
}
