internal import Syscalls

extension SystemCallError {
    /// What to do about a watch that could not be had: the kernel's own words (ENOSPC, EMFILE)
    /// send people to look at their disks.
    var inotifyAdvice: String {
        let reason: String
        switch limit {
        case .space:
            reason =
                "the limit of inotify watches is reached; raise it with "
                + "'sysctl fs.inotify.max_user_watches=524288'"
        case .files:
            reason =
                "the limit of inotify instances or open files is reached; raise it with "
                + "'sysctl fs.inotify.max_user_instances=512'"
        case nil:
            reason = self.reason
        }
        let object = object.isEmpty ? "any file" : object
        return "unable to watch \(object): \(reason); looking for changes every second instead"
    }
}
