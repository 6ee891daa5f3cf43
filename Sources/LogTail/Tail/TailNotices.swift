internal import Checkpoint
internal import Observers
internal import Syscalls

/// What a tail has to say about its files: what was lost, what was found again, what cannot be
/// read.
extension TailedFile {
    /// Why this path cannot be read now.
    struct Problem: Equatable {
        let description: String
        /// When to try again by ourselves, on the monotonic clock; nil where a report will come.
        var retryTime: Int64?
        /// True where an open file failed, and not the way to it.
        let isOfReading: Bool

        static func == (left: Problem, right: Problem) -> Bool {
            left.description == right.description
        }
    }

    /// A disk that fails is asked again this often, nanoseconds.
    private static let retryInterval: Int64 = 1_000_000_000

    /// Records a notice about this path.
    func report(_ notice: Notice) {
        let time = Clock.wall
        harvest.events.append(
            notice.event(
                configuration, path: path, at: Timestamp(nanoseconds: time),
                occasion: String(time)))
    }

    /// Tells what became of the generations that a look went out to find.
    func reportFindings(live: ChainFile?) {
        let youngest = generations.lastIndex(where: \.isBegun)
        for index in generations.indices {
            let generation = generations[index]
            generations[index].truncation = nil
            // What came after the youngest is known by it alone, even where it was read itself.
            let isMissed = generation.isBegun && !generation.isLeft || index == youngest
            if let truncation = generation.truncation {
                report(self.truncation(of: generation, unread: truncation.unreadBytes))
            } else if generation.isMissing, !generation.isFinished, isMissed {
                report(loss(of: generation, after: index, live))
            }
        }
    }

    private func truncation(of generation: Generation, unread: Int64?) -> Notice {
        let offset = generation.record.position.offset
        // Nothing was read of it yet: what was copied of it is read like any new file.
        let sources = generation.isBegun ? [generation] : generations.filter { !$0.isBegun }
        let readers = sources.compactMap(\.following).filter { !$0.wasLive }.map(\.reader)
        let recovered = readers.reduce(0) { sum, reader in
            sum + max(0, ((try? reader.source.length()) ?? 0) - reader.offset)
        }
        return Notice(.truncated, offset: offset) { json in
            json.field("recovered_bytes", recovered)
            json.field("lost_bytes", unread.map { max(0, $0 - recovered) })
            json.field("copy", readers.first?.path)
        }
    }

    private func loss(
        of generation: Generation, after index: Int, _ live: ChainFile?
    ) -> Notice {
        let position = generation.record.position
        if let live, live.identity.isSameFile(as: position.identity) {
            return Notice(.truncated, offset: position.offset) { json in
                json.field("recovered_bytes", 0)
                json.field("lost_bytes", nil as Int64?)
                json.field("copy", nil as String?)
            }
        }
        let next = generations[index...].first { $0.reader != nil }?.reader
        return Notice(.missedRotation, offset: position.offset) { json in
            json.field("last", position.identity)
            json.field("next", next?.path)
        }
    }

    /// Counts a line that is too long; said once for each generation.
    func skip(_ bytes: Int64, at start: Int64, in reader: GenerationReader) {
        linesOversized += 1
        guard let index = generations.firstIndex(where: { $0.reader === reader }),
            !generations[index].hadOversizedLine
        else { return }
        generations[index].hadOversizedLine = true
        let limit = configuration.maximumLineBytes
        report(
            Notice(.lineOversized, offset: start) { json in
                json.field("bytes", bytes)
                json.field("limit", limit)
            })
    }

    func noticeDamage(_ archive: GzipReader, _ reader: GenerationReader) {
        guard let reason = archive.takeFailure() else { return }
        report(
            Notice(.archiveUnreadable, offset: reader.offset) { json in
                json.field("file", reader.path)
                json.field("reason", reason)
            })
    }

    /// Takes note of a failure; it is reported once, until something else happens.
    func meet(_ error: SystemCallError, _ now: Int64, whileReading: Bool = false) {
        // What is at the path, or is not, is reported by the kernel when that changes.
        let isReported =
            (error.isForbidden || error.isMissing || error.isNotRegular) && error.object == path
        let problem = Problem(
            description: error.description,
            retryTime: isReported ? nil : now.addingSaturating(Self.retryInterval),
            isOfReading: whileReading)
        if problem != self.problem {
            let position = generations.last(where: \.isBegun)?.record.position
            report(
                Notice(.readFailed, offset: position?.offset ?? 0) { json in
                    json.field("reason", error.description)
                })
            isDirty = true
        }
        self.problem = problem
    }

    /// What failed is tried once now, and again after a while.
    func postponeRetry(_ now: Int64) {
        if problem?.retryTime != nil {
            problem?.retryTime = now.addingSaturating(Self.retryInterval)
        }
    }

    /// What is open could be read, or the path be looked at: what failed there works again.
    func clearProblem(ofReading: Bool) {
        if problem?.isOfReading == ofReading { problem = nil }
    }

    /// Ends the reading of this path, for good.
    func stop(reason: String) {
        if let position = checkpoint()?.position {
            report(
                Notice(.tailStopped, offset: position.offset) { json in
                    json.field("reason", reason)
                })
        }
        isDirty = true
    }
}
