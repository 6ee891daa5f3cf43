internal import Checkpoint
internal import Syscalls

/// One generation that a tail knows of, in its place among the others: being read, still to be
/// found again, or done with and kept to tell what comes after it.
struct Generation {
    /// What a checkpoint keeps of a generation.
    struct Record: Equatable {
        /// Where reading of it stands.
        var position: Position
        var trail = Trail()
        /// When its bytes had last changed, nanoseconds since the epoch.
        var modified: Int64
        /// Where the file really is, where the followed path is a symlink.
        var target: String?
        /// True where something of it may be unread.
        var isWanted: Bool
        /// True where reading has moved on to the next generation.
        var isLeft: Bool
        /// True once a line of it was too long.
        var hadOversizedLine: Bool
        /// True where it was deleted after it was read: nobody has to miss it.
        var isFinished = false
    }

    /// An open generation.
    struct Following {
        let reader: GenerationReader
        /// Nil where the kernel had none to give.
        var watch: Inotify.Watch?
        /// When bytes were last read, or when it got a successor, on the monotonic clock.
        var lastActivity: Int64
        /// True where it was opened at the followed path, so that it is no copy of another.
        let wasLive: Bool
        /// When its bytes had last changed when the chain was last looked at.
        var modifiedAtLook: Int64
        /// How many unread bytes it has lost, though those that were read are there.
        var lostBytes: Int64?
    }

    /// That its file was truncated, and how many bytes it was seen to have after the position; nil
    /// where nobody looked.
    struct Truncation {
        let unreadBytes: Int64?
    }

    var following: Following?
    var truncation: Truncation?
    /// True where the open file has no name any more: only a writer that still has it open could
    /// make it grow.
    var isDeleted = false
    /// True where the open file holds what was read of it.
    private var isIntact = true
    private var stored: Record

    init(_ record: Record) {
        stored = record
    }

    init(_ following: Following, _ status: FileStatus, target: String?) {
        self.following = following
        stored = Record(
            position: following.reader.position, modified: status.modified, target: target,
            isWanted: true, isLeft: false, hadOversizedLine: false)
    }

    var reader: GenerationReader? { following?.reader }

    /// True once a line of it was read: only then can its bytes tell which one it is.
    var isBegun: Bool { (reader?.offset ?? stored.position.offset) > 0 }

    /// True where it is not open, though something of it may be unread.
    var isMissing: Bool { following == nil && stored.isWanted }

    var isLeft: Bool {
        get { stored.isLeft }
        set { stored.isLeft = newValue }
    }

    var hadOversizedLine: Bool {
        get { stored.hadOversizedLine }
        set { stored.hadOversizedLine = newValue }
    }

    /// True where it was deleted after it was read to its end.
    var isFinished: Bool { stored.isFinished }

    var modified: Int64 { stored.modified }
    var target: String? { stored.target }
    var identity: FileIdentity { reader?.identity ?? stored.position.identity }

    /// What there is to remember of it now.
    var record: Record {
        guard let reader else { return stored }
        var record = stored
        record.position = reader.position
        record.trail = reader.trail
        record.isFinished = isDeleted && isIntact && reader.unreadBytes == 0
        return record
    }

    /// Takes note of how the file looks now, or, for a checkpoint, when it was read.
    mutating func refresh(forCheckpoint: Bool = false) throws(SystemCallError) {
        guard let reader else { return }
        let (status, isIntact) = forCheckpoint ? try reader.lookSinceRead() : try reader.look()
        isDeleted = status.links == 0
        self.isIntact = isIntact
        // What was written after a truncation belongs to another generation.
        guard isIntact else { return }
        try reader.noteSize(status.size)
        // Whoever still writes to one that was deleted does so beside its successors.
        if !isDeleted || !isBegun { stored.modified = status.modified }
    }

    /// The same generation, no longer open.
    func closed(isWanted: Bool) -> Generation {
        var record = record
        record.isWanted = isWanted
        return Generation(record)
    }
}
