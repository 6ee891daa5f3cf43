internal import Glibc

/// How many descriptors this process may hold: getrlimit(2).
public enum OpenFileLimit {
    /// Raises the soft limit to `count`, as far as the hard limit allows; never lowers it.
    public static func raise(to count: UInt) {
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        var limit = rlimit()
        // SAFETY: the call fills one limit.
        guard unsafe getrlimit(resource, &limit) == 0 else { return }
        guard limit.rlim_cur < count else { return }
        limit.rlim_cur = min(rlim_t(count), limit.rlim_max)
        // SAFETY: the call reads one limit. Where it fails the old limit stays.
        _ = unsafe setrlimit(resource, &limit)
    }
}
