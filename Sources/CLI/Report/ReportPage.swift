internal import LogTail
internal import Observers
internal import Telemetry

/// The page of a report: one file that loads nothing and runs nothing.
struct ReportPage {
    private let contents: ReportContents

    /// Whatever may have slipped in: nothing is fetched, nothing runs.
    private static let policy = """
        default-src 'none'; style-src 'unsafe-inline'
        """

    init(_ contents: ReportContents) {
        self.contents = contents
    }

    /// The whole document.
    var html: String {
        var markup = Markup()
        markup.doctype()
        markup.element("html", ["lang": "en"]) { markup in
            markup.newLine()
            head(into: &markup)
            markup.element("body") { markup in
                markup.newLine()
                header(into: &markup)
                markup.element("main") { markup in
                    markup.newLine()
                    for source in contents.sources { section(source, into: &markup) }
                    if contents.sourcesLeftOut > 0 {
                        markup.element(
                            "p", ["class": "note"],
                            Wording.count(Int64(contents.sourcesLeftOut), "more source")
                                + "; name them with --source.")
                    }
                    notices(into: &markup)
                }
                markup.newLine()
                footer(into: &markup)
            }
        }
        markup.newLine()
        return markup.text
    }

    private func head(into markup: inout Markup) {
        markup.element("head") { markup in
            markup.newLine()
            markup.void("meta", ["charset": "utf-8"])
            markup.newLine()
            markup.void(
                "meta",
                [
                    "http-equiv": "Content-Security-Policy",
                    "content": Self.policy,
                ])
            markup.newLine()
            markup.void(
                "meta", ["name": "viewport", "content": "width=device-width, initial-scale=1"])
            markup.newLine()
            markup.void("meta", ["name": "color-scheme", "content": "light dark"])
            markup.newLine()
            markup.void("meta", ["name": "generator", "content": "logtail"])
            markup.newLine()
            markup.element("title", ReportHeadline(contents).sentence)
            markup.newLine()
            markup.style(ReportStyle.sheet)
        }
        markup.newLine()
    }

    private func header(into markup: inout Markup) {
        let headline = ReportHeadline(contents)
        let names = contents.sources.map(\.name).prefix(3).joined(separator: ", ")
        let more = contents.sources.count + contents.sourcesLeftOut - 3
        markup.element("header") { markup in
            markup.element(
                "p", ["class": "over"],
                names.isEmpty ? "logtail" : names + (more > 0 ? " and \(more) more" : ""))
            markup.newLine()
            markup.element("h1") { markup in
                for (index, part) in headline.parts.enumerated() {
                    let isLast = index == headline.parts.count - 1
                    markup.element("span", part + (isLast ? "" : ","))
                    if !isLast { markup.append(" ") }
                }
            }
            markup.newLine()
            markup.element("p", ["class": "window"], contents.window.title)
            markup.newLine()
            if contents.isPruned {
                markup.element(
                    "p", ["class": "alert"],
                    "Incomplete: the oldest rows of this window were removed by retention.")
                markup.newLine()
            }
            if contents.isEmpty {
                markup.element(
                    "p", ["class": "none"],
                    "There are no latencies, episodes or notices in this window. Is the daemon "
                        + "running, and does it read the log? “logtail status” tells.")
                markup.newLine()
            }
            let figures = headline.figures
            guard !figures.isEmpty else { return }
            markup.element("dl", ["class": "figures"]) { markup in
                for figure in figures {
                    markup.element("div") { markup in
                        markup.element("dt", figure.name)
                        markup.element("dd", figure.value)
                    }
                }
            }
            markup.newLine()
        }
        markup.newLine()
    }

    private func section(_ source: ReportSource, into markup: inout Markup) {
        markup.element("section", ["aria-label": source.name]) { markup in
            markup.newLine()
            let isAlone = contents.sources.count + contents.sourcesLeftOut == 1
            markup.element("h2", isAlone ? ["class": "unseen"] : [:], source.name)
            markup.newLine()
            if source.total.count > 0 { LatencyChart(contents, source).draw(into: &markup) }
            EpisodeChart(contents, source).draw(into: &markup)
            if source.total.count > 0 {
                markup.element("div", ["class": "pair"]) { markup in
                    DistributionChart(source).draw(into: &markup)
                    StageTable(source).draw(into: &markup)
                }
            }
        }
        markup.newLine()
    }

    private func notices(into markup: inout Markup) {
        guard !contents.isEmpty else { return }
        let notices = contents.notices
        markup.element("section", ["aria-label": "Notices"]) { markup in
            markup.element("h2", "Notices")
            guard !notices.isEmpty else {
                return markup.element(
                    "p", ["class": "none"],
                    "Nothing was lost: no rotation was missed, no file truncated, no format "
                        + "drifted.")
            }
            ReportTable(
                caption: "\(noticeSubject), \(contents.window.dayText)",
                columns: [.word("Time"), .word("Notice"), .text("Source"), .text("Detail")],
                rows: notices.map { notice in
                    [
                        time(notice), NoticeText.title(notice), notice.source,
                        NoticeText.detail(notice),
                    ]
                }
            ).draw(into: &markup)
        }
        markup.newLine()
    }

    private var noticeSubject: String {
        let shown = contents.notices.count
        guard Int64(shown) < contents.noticeCount else {
            return "What was lost, truncated or not understood"
        }
        return "The latest \(shown) of \(Wording.grouped(contents.noticeCount)) notices"
    }

    private func time(_ event: RecordedEvent) -> String {
        Timestamp(text: event.timestamp).map(contents.window.text(of:)) ?? event.timestamp
    }

    private func footer(into markup: inout Markup) {
        markup.element("footer") { markup in
            markup.element(
                "p",
                "Drawn by logtail \(LogtailCommand.version). Slow is a request at or above its "
                    + "source’s threshold. An episode is a burst of slow requests, and a stall "
                    + "if one of them took so long; its length is from the earliest beginning "
                    + "to the latest end. Quantiles are within 1 %. Latencies are kept by the "
                    + "minute.")
        }
        markup.newLine()
    }
}
