internal import Glibc

/// How many descriptors this process may hold: getrlimit(2).
public enum OpenFileLimit {
    /// The limit that holds; nil where it cannot be asked for.
    public static var current: UInt? {
        var limit = rlimit()
        // SAFETY: the call fills one limit.
        let status = unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        return status == 0 ? UInt(limit.rlim_cur) : nil
    }

    /// Raises the soft limit to `count`, as far as the hard limit allows; never lowers it.
    /// - Returns: the limit that holds from then on.
    @discardableResult
    public static func raise(to count: UInt) -> UInt {
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        var limit = rlimit()
        // SAFETY: the call fills one limit.
        guard unsafe getrlimit(resource, &limit) == 0 else { return count }
        guard limit.rlim_cur < count else { return UInt(limit.rlim_cur) }
        let before = limit.rlim_cur
        limit.rlim_cur = min(rlim_t(count), limit.rlim_max)
        // SAFETY: the call reads one limit. Where it fails the old limit stays.
        let status = unsafe setrlimit(resource, &limit)
        return UInt(status == 0 ? limit.rlim_cur : before)
    }
}
