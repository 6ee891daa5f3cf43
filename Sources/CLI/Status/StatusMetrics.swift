internal import LogTail
internal import Observers
internal import Telemetry

extension DaemonStatus {
    /// The status as lines of metrics.
    ///
    /// Labels are few: sources, paths and sinks are what the daemon was started with, kinds and
    /// statuses are closed lists. What is not known has no sample, as Prometheus wants it.
    var metrics: [String] {
        var text = StatusMetricsText()
        text.gauge("logtail_build_info", "The version of logtail that wrote this.") {
            [StatusMetricsText.Sample(["version": LogtailCommand.version], 1)]
        }
        text.gauge("logtail_up", "Whether a daemon records into the database.") {
            [StatusMetricsText.Sample([:], pid == nil ? 0 : 1)]
        }
        addFiles(to: &text)
        addEvents(to: &text)
        addSinks(to: &text)
        addDatabase(to: &text)
        return text.lines
    }

    private func addFiles(to text: inout StatusMetricsText) {
        func samples(_ value: (TailStatus) -> Double?) -> [StatusMetricsText.Sample] {
            tails.compactMap { tail in
                value(tail).map {
                    StatusMetricsText.Sample(
                        ["source": tail.row.source, "path": tail.row.path], $0)
                }
            }
        }
        text.gauge("logtail_file_lag_bytes", "Bytes of a file that are not read yet.") {
            samples { $0.lagBytes.map(Double.init) }
        }
        text.gauge(
            "logtail_file_last_read_timestamp_seconds", "When bytes of a file were last read."
        ) { samples { $0.lastRead.map(\.seconds) } }
        text.counter("logtail_file_read_bytes_total", "Bytes of complete lines that were read.") {
            samples { Double($0.row.bytesRead) }
        }
        text.counter("logtail_file_lines_matched_total", "Lines that were observations.") {
            samples { Double($0.row.linesMatched) }
        }
        text.counter(
            "logtail_file_lines_unparsed_total", "Lines with the marker that did not parse."
        ) { samples { Double($0.row.linesUnparsed) } }
        text.counter(
            "logtail_file_lines_oversized_total", "Lines that were passed over: too long."
        ) { samples { Double($0.linesOversized) } }
        text.gauge(
            "logtail_file_drift", "Whether lines with the marker no longer parse (1) or do (0)."
        ) { samples { $0.isDrifting ? 1 : 0 } }
    }

    private func addEvents(to text: inout StatusMetricsText) {
        text.counter("logtail_events_total", "Events that were recorded.") {
            eventCounts.map {
                StatusMetricsText.Sample(
                    ["source": $0.source, "kind": $0.kind, "status": $0.status], Double($0.count))
            }
        }
        let sources = Set(tails.map(\.row.source) + eventCounts.map(\.source)).sorted()
        func count(_ source: String, _ kind: EventKind) -> Double {
            let counts = eventCounts.filter { $0.source == source && $0.kind == kind.rawValue }
            return Double(counts.reduce(0) { $0 + $1.count })
        }
        text.counter("logtail_rotations_total", "Rotations that were followed.") {
            sources.map { StatusMetricsText.Sample(["source": $0], count($0, .rotated)) }
        }
        let gaps: [EventKind] = [
            .missedRotation, .truncated, .lineOversized, .archiveUnreadable, .readFailed,
        ]
        text.counter(
            "logtail_gaps_total", "Occasions on which something of a log may not have been read."
        ) {
            sources.flatMap { source in
                gaps.map {
                    StatusMetricsText.Sample(
                        ["source": source, "kind": $0.rawValue], count(source, $0))
                }
            }
        }
    }

    private func addSinks(to text: inout StatusMetricsText) {
        func samples(_ value: (BusPosition) -> Double?) -> [StatusMetricsText.Sample] {
            sinks.map(\.position).compactMap { sink in
                value(sink).map { StatusMetricsText.Sample(["sink": sink.sink], $0) }
            }
        }
        text.gauge("logtail_sink_backlog_rows", "Recorded rows that a sink has not delivered.") {
            samples { Double($0.backlog) }
        }
        text.gauge("logtail_sink_position", "The seq of the last row that a sink has delivered.") {
            samples { Double($0.seq) }
        }
        text.gauge(
            "logtail_sink_last_publish_timestamp_seconds", "When the position of a sink moved."
        ) { samples { Self.seconds($0.updatedAt) } }
        text.gauge(
            "logtail_sink_unshipped_archives", "Archives of a file: sink that are to be shipped."
        ) {
            sinks.filter(\.isArchive).compactMap { sink in
                sink.unshipped.map {
                    StatusMetricsText.Sample(["sink": sink.position.sink], Double($0.count))
                }
            }
        }
    }

    private func addDatabase(to text: inout StatusMetricsText) {
        func sample(_ value: Double?) -> [StatusMetricsText.Sample] {
            value.map { [StatusMetricsText.Sample([:], $0)] } ?? []
        }
        text.gauge("logtail_database_bytes", "Bytes of the database and its write-ahead log.") {
            [
                StatusMetricsText.Sample(["file": "database"], Double(bytes.database)),
                StatusMetricsText.Sample(["file": "wal"], Double(bytes.writeAheadLog)),
            ]
        }
        text.gauge("logtail_last_commit_timestamp_seconds", "When something was last recorded.") {
            sample(committedAt.flatMap(Self.seconds))
        }
        text.gauge("logtail_latest_seq", "The newest seq ever given out.") {
            sample(Double(bounds.latest))
        }
        text.gauge("logtail_oldest_seq", "The seq of the oldest event that is kept.") {
            sample(bounds.oldest.map(Double.init))
        }
        text.counter("logtail_pruned_rows_total", "Rows that retention removed.") {
            [
                StatusMetricsText.Sample(["table": "events"], Double(retention.eventsPruned)),
                StatusMetricsText.Sample(["table": "latency"], Double(retention.latencyPruned)),
            ]
        }
        text.counter(
            "logtail_pruned_undelivered_events_total",
            "Events that the limit of size removed before every sink had them."
        ) { sample(Double(retention.undeliveredPruned)) }
        text.gauge("logtail_last_prune_timestamp_seconds", "When retention last removed rows.") {
            sample(retention.prunedAt.flatMap(Self.seconds))
        }
    }

    private static func seconds(_ text: String) -> Double? {
        Timestamp(text: text)?.seconds
    }
}

extension Timestamp {
    /// Seconds since the epoch, to the millisecond: more does not survive in a double.
    fileprivate var seconds: Double { Double(nanoseconds / 1_000_000) / 1_000 }
}
